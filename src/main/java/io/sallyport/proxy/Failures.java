package io.sallyport.proxy;

import io.sallyport.http.StreamError;
import io.sallyport.telemetry.ProxyException;
import io.sallyport.telemetry.ResponseFlag;

/// What an endpoint's failure is to the client.
final class Failures {
    private static final System.Logger LOG = System.getLogger(Failures.class.getName());

    private Failures() {}

    /// A defect of the gateway itself, met before the response began: it costs this request and no other.
    static ProxyException ofDefect(RuntimeException defect) {
        LOG.log(System.Logger.Level.ERROR, "a request met a defect of the gateway", defect);
        return new ProxyException(
                ResponseFlag.NR, 500, "internal_error", ProxyException.Source.GATEWAY, false, defect);
    }

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
