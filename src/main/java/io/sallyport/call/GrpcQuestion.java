package io.sallyport.call;

import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.Methods;
import io.sallyport.http.grpc.GrpcTimeout;
import java.time.Duration;

/// Which method is called.
///
/// @param path `/envoy.service.auth.v3.Authorization/Check`
/// @param metadata names in lower case; values without control characters
public record GrpcQuestion(String authority, String path, Headers metadata) {
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("application/grpc");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString AGENT = AsciiString.cached("sallyport");

    /// @param timeout zero for none
    HttpQuestion toHttp(Duration timeout) {
        Headers headers = new Headers(metadata.size() + 4);
        headers.add(HeaderNames.TE, TRAILERS);
        if (!timeout.isZero()) {
            headers.add(HeaderNames.GRPC_TIMEOUT, GrpcTimeout.of(timeout.toNanos()));
        }
        headers.add(HeaderNames.CONTENT_TYPE, CONTENT_TYPE);
        headers.add(HeaderNames.USER_AGENT, AGENT);
        for (int i = 0; i < metadata.size(); i++) {
            headers.add(metadata.name(i), metadata.value(i));
        }
        return new HttpQuestion(Methods.POST, authority, path, headers, Unpooled.EMPTY_BUFFER);
    }
}
