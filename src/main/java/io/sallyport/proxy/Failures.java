package io.sallyport.proxy;

import io.sallyport.http.HttpVersion;
import io.sallyport.http.StreamError;
import io.sallyport.net.RegexMatch;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;

/// What went wrong with one side, as it is reported to the other side and to the access log.
final class Failures {
    private static final System.Logger LOG = System.getLogger(Failures.class.getName());

    private Failures() {}

    /// The status that an HTTP/1 connection answers with by itself when a request's body goes wrong before the response
    /// has begun; 0 where it does not.
    static int statusOfClient(StreamError error, HttpVersion version) {
        if (version == HttpVersion.HTTP_2) {
            return 0;
        }
        return switch (error) {
            case PROTOCOL_ERROR -> 400;
            case TIMEOUT -> 408;
            case BODY_TOO_LARGE -> 413;
            case HEAD_TOO_LARGE -> 431;
            case CONNECTION_CLOSED, REFUSED, HEAD_REFUSED, UNSUPPORTED, CANCEL, INTERNAL_ERROR -> 0;
        };
    }

    /// Whether a request whose body went wrong before the response began is still to be answered here: an HTTP/1
    /// connection answers by itself, and an HTTP/2 stream with broken framing has been reset.
    static boolean mayBeAnswered(StreamError error, HttpVersion version) {
        return version == HttpVersion.HTTP_2 && (error == StreamError.BODY_TOO_LARGE || error == StreamError.TIMEOUT);
    }

    /// A defect of the gateway itself, met before the response began: it costs this request and no other.
    static ProxyException ofDefect(RuntimeException defect) {
        if (defect instanceof RegexMatch.TooCostlyException refused) {
            return refused.answer();
        }
        LOG.log(System.Logger.Level.ERROR, "a request met a defect of the gateway", defect);
        return new ProxyException(ResponseFlag.NR, 500, "internal_error", ProxyException.Source.GATEWAY, false, defect);
    }

    /// The gateway itself has built a field that must not be sent: only this message fails, and no connection.
    static ProxyException unsendable(String details) {
        return new ProxyException(ResponseFlag.NR, 500, details, ProxyException.Source.GATEWAY, false, null);
    }

    static ProxyException ofStream(StreamError error, String details) {
        return switch (error) {
            case CONNECTION_CLOSED -> ProxyException.upstream(ResponseFlag.UC, details, false);
            case REFUSED -> ProxyException.upstream(ResponseFlag.UR, details, true);
            case CANCEL, INTERNAL_ERROR, BODY_TOO_LARGE -> ProxyException.upstream(ResponseFlag.UR, details, false);
            case PROTOCOL_ERROR, HEAD_TOO_LARGE, UNSUPPORTED ->
                ProxyException.upstream(ResponseFlag.UPE, details, false);
            case TIMEOUT -> ProxyException.upstream(ResponseFlag.UT, details, false);
            case HEAD_REFUSED -> ProxyException.downstream(ResponseFlag.DPE, 431, details);
        };
    }
}
