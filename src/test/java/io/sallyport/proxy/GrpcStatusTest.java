package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrpcStatusTest {
    private static Headers with(String grpcStatus) {
        Headers headers = new Headers();
        headers.add(HeaderNames.GRPC_STATUS, AsciiString.of(grpcStatus));
        return headers;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 200",
        "1, 499",
        "2, 500",
        "4, 504",
        "7, 403",
        "12, 501",
        "14, 503",
        "15, 500",
        "16, 401",
        "17, 500",
        "99, 500",
        "100, 500",
        "-1, 500",
        "x, 500",
        "'', 500",
    })
    void aStatusOfGrpcHasOneOfHttp(String grpcStatus, int status) {
        assertThat(GrpcStatus.asHttp(with(grpcStatus), 200)).isEqualTo(status);
    }

    @Test
    void anHttpFailureStaysWhatItIs() {
        assertThat(GrpcStatus.asHttp(with("0"), 502)).isEqualTo(502);
    }

    @Test
    void withoutAStatusOfGrpcTheHeadsCounts() {
        assertThat(GrpcStatus.asHttp(new Headers(), 200)).isEqualTo(200);
    }
}
