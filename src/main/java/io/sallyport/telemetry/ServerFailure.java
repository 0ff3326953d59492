package io.sallyport.telemetry;

/// Which responses count as failures of the server's side.
public final class ServerFailure {
    private static final int FIRST_OF_HTTP = 500;

    private ServerFailure() {}

    /// @param status of HTTP; 0 for none
    /// @param grpcStatus -1 for none
    static boolean is(int status, int grpcStatus) {
        return status >= FIRST_OF_HTTP || isGrpc(grpcStatus);
    }

    /// Statuses of gRPC that are the server's failures in OpenTelemetry's semantic conventions: UNKNOWN,
    /// DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS.
    public static boolean isGrpc(int status) {
        return switch (status) {
            case 2, 4, 12, 13, 14, 15 -> true;
            default -> false;
        };
    }
}
