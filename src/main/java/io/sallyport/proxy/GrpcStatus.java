package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.GrpcResult;

/// `grpc-status`, of a response's head or trailers, as an HTTP status.
final class GrpcStatus {
    /// By number, the HTTP status that says the same (`google.rpc.Code`; Envoy takes it for outlier detection).
    private static final int[] HTTP = {
        200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401
    };

    private static final int UNKNOWN = 500;

    private GrpcStatus() {}

    /// What a gRPC response says of its endpoint: gRPC's failures come with the status 200.
    ///
    /// @param fields the response's head or trailers
    /// @param status of the head
    /// @return the status where the fields say nothing
    static int asHttp(Headers fields, int status) {
        AsciiString value = fields.get(HeaderNames.GRPC_STATUS);
        if (value == null || status != HTTP[0]) {
            return status;
        }
        int number = GrpcResult.number(value);
        return number < 0 || number >= HTTP.length ? UNKNOWN : HTTP[number];
    }
}
