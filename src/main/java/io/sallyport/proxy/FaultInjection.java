package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.Fault;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The answer to a request that a route's fault aborts, as Envoy gives it.
final class FaultInjection {
    static final String DETAILS = "fault_filter_abort";

    private static final byte[] BODY = "fault filter abort".getBytes(StandardCharsets.US_ASCII);

    private FaultInjection() {}

    static ResponseHead head(Fault.Abort abort, boolean grpcClient, @Nullable AsciiString flagHeader) {
        Headers headers = new Headers(8);
        if (flagHeader != null) {
            headers.add(flagHeader, ResponseFlag.FI.name());
        }
        return switch (abort) {
            case Fault.HttpAbort(int status) -> new ResponseHead(status, headers);
            case Fault.GrpcAbort(int code) -> {
                if (grpcClient) {
                    headers.add(HeaderNames.GRPC_STATUS, Integer.toString(code));
                }
                yield new ResponseHead(200, headers);
            }
        };
    }

    static byte[] body() {
        return BODY;
    }
}
