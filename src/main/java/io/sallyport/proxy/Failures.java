package io.sallyport.proxy;

import io.sallyport.http.StreamError;
import io.sallyport.telemetry.ProxyException;
import io.sallyport.telemetry.ResponseFlag;

/// What an endpoint's failure is to the client.
final class Failures {
    private Failures() {}

    static ProxyException ofStream(StreamError error, String details) {
        return switch (error) {
            case CONNECTION_CLOSED -> ProxyException.upstream(ResponseFlag.UC, details, false);
            case REFUSED -> ProxyException.upstream(ResponseFlag.UR, details, true);
            case CANCEL, INTERNAL_ERROR, BODY_TOO_LARGE -> ProxyException.upstream(ResponseFlag.UR, details, false);
            case PROTOCOL_ERROR, HEAD_TOO_LARGE -> ProxyException.upstream(ResponseFlag.UPE, details, false);
            case TIMEOUT -> ProxyException.upstream(ResponseFlag.UT, details, false);
        };
    }
}
