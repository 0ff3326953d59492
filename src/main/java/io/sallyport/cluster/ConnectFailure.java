package io.sallyport.cluster;

import io.sallyport.identity.TlsRejection;
import io.sallyport.net.AddressRefusal;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.net.ConnectException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The failures of connections that could not be made. No byte of a request was sent: all but a missing endpoint may be
/// tried again.
public final class ConnectFailure {
    public static final String TIMEOUT = "upstream_connect_timeout";
    static final String REFUSED = "upstream_connect_refused";
    public static final String FAILED = "upstream_connect_failed";
    public static final String CLOSED = "upstream_closed_before_ready";
    static final String NO_ENDPOINT = "no_healthy_upstream";
    static final String NO_CREDENTIALS = "upstream_tls_no_credentials";
    public static final String NO_PROTOCOL = "upstream_tls_no_application_protocol";
    static final String NO_ADDRESS = "upstream_name_not_resolved";

    private ConnectFailure() {}

    static ProxyException noEndpoint(String details) {
        return ProxyException.upstream(ResponseFlag.UH, details, false);
    }

    /// For want of an address.
    public static ProxyException noAddress(Endpoint endpoint) {
        AddressRefusal refusal = endpoint.refusal();
        return refusal == null ? noEndpoint(NO_ADDRESS) : refusal.denied();
    }

    /// Another endpoint would not help.
    public static ProxyException noCredentials() {
        return ProxyException.upstream(ResponseFlag.UF, NO_CREDENTIALS, false);
    }

    public static ProxyException of(String details, @Nullable Throwable cause) {
        return new ProxyException(
                ResponseFlag.UF, ResponseFlag.UF.status(), details, ProxyException.Source.UPSTREAM, true, cause);
    }

    /// @param cause why a socket was not connected
    public static ProxyException ofSocket(Throwable cause) {
        if (DescriptorLimit.isReached(cause)) {
            return Circuit.overflow(DescriptorLimit.REACHED);
        }
        String message = cause.getMessage();
        boolean refused = cause instanceof ConnectException && message != null && message.contains("refused");
        return of(refused ? REFUSED : FAILED, cause);
    }

    /// @param cause why a TLS handshake failed
    public static ProxyException ofHandshake(Throwable cause) {
        if (!(cause instanceof SSLException)) {
            return of(CLOSED, cause);
        }
        return of(
                isNoApplicationProtocol(cause)
                        ? NO_PROTOCOL
                        : TlsRejection.of(cause).upstreamDetails(),
                cause);
    }

    /// The endpoint speaks nothing that was offered (RFC 7301, 3.2). Both engines name the alert in the message alone.
    private static boolean isNoApplicationProtocol(Throwable cause) {
        String message = cause.getMessage();
        return message != null && message.toLowerCase(Locale.ROOT).contains("no_application_protocol");
    }
}
