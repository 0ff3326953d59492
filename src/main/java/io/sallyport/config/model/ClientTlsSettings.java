package io.sallyport.config.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `ClientTLSSettings`: TLS towards an upstream.
///
/// @param clientCertificate path of a PEM file, as are `privateKey`, `caCertificates` and `caCrl`
/// @param caCertificates `""` is the operating system's roots
/// @param credentialName a secret's name; excludes the paths
/// @param subjectAltNames any of these must be the upstream's; overrides the ServiceEntry's
/// @param sni `""` is the request's host
public record ClientTlsSettings(
        Mode mode,
        String clientCertificate,
        String privateKey,
        String caCertificates,
        String credentialName,
        List<String> subjectAltNames,
        String sni,
        @Nullable Boolean insecureSkipVerify,
        String caCrl,
        Position at) {

    /// `ClientTLSSettings.TLSmode`.
    public enum Mode {
        DISABLE,
        SIMPLE,
        MUTUAL,
        ISTIO_MUTUAL
    }
}
