package io.sallyport.http.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTimeoutTest {
    @ParameterizedTest
    @CsvSource({
        "1n, 1",
        "2u, 2000",
        "3m, 3000000",
        "4S, 4000000000",
        "5M, 300000000000",
        "6H, 21600000000000",
        "99999999H, 9223372036854775807"
    })
    void unitsAreNanosecondsToHours(String text, long nanos) {
        assertThat(GrpcTimeout.parse(new AsciiString(text))).isEqualTo(nanos);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "S", "-1S", "1s", "1.5S", "123456789n", "0S", " 1S", "1S "})
    void whatIsNotATimeoutIsNone(String text) {
        assertThat(GrpcTimeout.parse(new AsciiString(text))).isZero();
    }

    @Test
    void aMissingOneIsNone() {
        assertThat(GrpcTimeout.parse(null)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "999999, 999u",
        "1999999, 1m",
        "99999999000000, 99999999m",
        "100000000999999, 100000S",
        "9223372036854775807, 2562047H"
    })
    void whatIsSentOnIsNeverLonger(long nanos, String text) {
        assertThat(GrpcTimeout.of(nanos).toString()).isEqualTo(text);
    }
}
