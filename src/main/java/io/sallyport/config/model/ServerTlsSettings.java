package io.sallyport.config.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `ServerTLSSettings`: how a [Server] treats TLS.
///
/// @param httpsRedirect answer plain HTTP with 301 to https
/// @param serverCertificate path of a PEM file, as are `privateKey`, `caCertificates` and `caCrl`
/// @param credentialName a secret's name; excludes the paths and `credentialNames`
/// @param credentialNames at most two secrets, one RSA and one ECDSA
/// @param caCertCredentialName the secret that holds the CA alone
/// @param verifyCertificateSpki base64 SHA-256 of accepted client keys
/// @param verifyCertificateHash hex SHA-256 of accepted client certificates
/// @param cipherSuites names in OpenSSL's spelling; empty is the default set
public record ServerTlsSettings(
        boolean httpsRedirect,
        Mode mode,
        String serverCertificate,
        String privateKey,
        String caCertificates,
        String caCrl,
        String credentialName,
        List<String> credentialNames,
        String caCertCredentialName,
        List<TlsCertificate> tlsCertificates,
        List<String> subjectAltNames,
        List<String> verifyCertificateSpki,
        List<String> verifyCertificateHash,
        TlsProtocol minProtocolVersion,
        TlsProtocol maxProtocolVersion,
        List<String> cipherSuites,
        @Nullable Boolean insecureSkipVerify,
        Position at) {

    /// `ServerTLSSettings.TLSmode`; PASSTHROUGH is the zero value, so it is what an absent `mode` means.
    public enum Mode {
        PASSTHROUGH,
        SIMPLE,
        MUTUAL,
        AUTO_PASSTHROUGH,
        ISTIO_MUTUAL,
        OPTIONAL_MUTUAL;

        /// The gateway itself holds the certificate and ends the client's TLS.
        public boolean terminates() {
            return this != PASSTHROUGH && this != AUTO_PASSTHROUGH;
        }

        /// The client is asked for a certificate, which it may have to show.
        public boolean asksForCertificate() {
            return this == MUTUAL || this == ISTIO_MUTUAL || this == OPTIONAL_MUTUAL;
        }
    }

    /// `ServerTLSSettings.TLSProtocol`.
    public enum TlsProtocol {
        TLS_AUTO,
        TLSV1_0,
        TLSV1_1,
        TLSV1_2,
        TLSV1_3
    }

    /// `ServerTLSSettings.TLSCertificate`: the paths of one certificate; several serve one name with RSA and ECDSA.
    public record TlsCertificate(String serverCertificate, String privateKey, String caCertificates, Position at) {}
}
