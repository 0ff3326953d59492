package io.sallyport.identity;

import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Why a TLS handshake failed, for access logs and metrics.
public enum TlsRejection {
    /// No path to a trusted authority.
    UNTRUSTED,
    EXPIRED,
    NOT_YET_VALID,
    /// Named by a revocation list, or there is no current list to look it up in.
    REVOKED,
    /// A good certificate, but another's.
    WRONG_IDENTITY,
    /// Neither its key nor its hash is pinned.
    NOT_PINNED,
    /// Its extended key usage, or its being an authority, forbids this use.
    WRONG_USAGE,
    /// The peer did not finish in time.
    TIMEOUT,
    /// All else: no common version, cipher suite or protocol, an alert of the peer, bytes that are not TLS.
    HANDSHAKE_FAILED;

    private static final int MAX_DEPTH = 16;

    /// The first reason that the exception or its causes name.
    public static TlsRejection of(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            TlsRejection reason = named(cause);
            if (reason != null) {
                return reason;
            }
            cause = cause.getCause();
        }
        return HANDSHAKE_FAILED;
    }

    private static @Nullable TlsRejection named(Throwable cause) {
        return switch (cause) {
            case PeerCertificateException peer -> peer.rejection();
            case CertificateExpiredException _ -> EXPIRED;
            case CertificateNotYetValidException _ -> NOT_YET_VALID;
            case SslHandshakeTimeoutException _ -> TIMEOUT;
            case CertPathValidatorException path when path.getReason() == BasicReason.EXPIRED -> EXPIRED;
            case CertPathValidatorException path when path.getReason() == BasicReason.NOT_YET_VALID -> NOT_YET_VALID;
            case CertPathValidatorException path
            when path.getReason() == BasicReason.REVOKED
                    || path.getReason() == BasicReason.UNDETERMINED_REVOCATION_STATUS -> REVOKED;
            default -> null;
        };
    }

    /// For `response_code_details` of a request whose endpoint failed the handshake: `upstream_tls_wrong_identity`.
    public String upstreamDetails() {
        return "upstream_tls_" + name().toLowerCase(Locale.ROOT);
    }
}
