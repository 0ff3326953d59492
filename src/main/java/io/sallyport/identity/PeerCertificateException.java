package io.sallyport.identity;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/// A peer's certificate is refused. The TLS engine turns it into an alert.
final class PeerCertificateException extends CertificateException {
    private static final long serialVersionUID = 1;

    private final TlsRejection rejection;

    PeerCertificateException(TlsRejection rejection, String message) {
        super(message);
        this.rejection = rejection;
    }

    /// What PKIX found. The validator's own exception becomes the direct cause, by which the JDK chooses the alert.
    PeerCertificateException(CertificateException found) {
        super(found.getMessage(), pathFailure(found));
        this.rejection = reason(found);
    }

    TlsRejection rejection() {
        return rejection;
    }

    private static TlsRejection reason(CertificateException found) {
        TlsRejection reason = TlsRejection.of(found);
        if (reason != TlsRejection.HANDSHAKE_FAILED) {
            return reason;
        }
        String message = String.valueOf(found.getMessage());
        // The JDK has no other sign of a usage that does not fit.
        boolean usage = message.startsWith("Extended key usage") || message.startsWith("KeyUsage");
        return usage ? TlsRejection.WRONG_USAGE : TlsRejection.UNTRUSTED;
    }

    private static @Nullable Throwable pathFailure(Throwable found) {
        Throwable cause = found;
        while (cause != null && !(cause instanceof CertPathValidatorException)) {
            cause = cause.getCause();
        }
        return cause == null ? found : cause;
    }
}
