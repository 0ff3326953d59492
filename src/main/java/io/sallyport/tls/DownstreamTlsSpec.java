package io.sallyport.tls;

import io.sallyport.identity.Credential;
import io.sallyport.identity.TrustBundle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How TLS is terminated for one filter chain: what Istio's `ServerTLSSettings` comes to once its files are read.
/// Two equal specs make interchangeable contexts, so a reload keeps the context of a spec that did not change.
///
/// @param credentials for one name: any of RSA, ECDSA and Ed25519; of two of one kind the first is used
/// @param trust verifies client certificates; required but for SIMPLE
/// @param trustDomains of the mesh: its own, then the names that this goes by besides. ISTIO_MUTUAL peers must
///     belong to one of them; not used otherwise
/// @param subjectAltNames a client certificate must hold one of these, of any SAN type; empty: any client
/// @param spkiPins base64 SHA-256 of accepted public keys (SubjectPublicKeyInfo)
/// @param certificateHashes hex SHA-256 of accepted certificates, with or without colons. With both kinds of pins one
///     match is enough
/// @param acceptsUnverified in MUTUAL and OPTIONAL_MUTUAL, a client is let in whose certificate is not verified by all
/// of
///     this, as one without a certificate; see [DownstreamTlsContext#isVerified]
/// @param min null is TLS 1.2
/// @param max null is TLS 1.3
/// @param cipherSuites OpenSSL or IANA names for TLS 1.2, in order of preference; empty is a safe default. TLS 1.3's
///     are always offered
/// @param alpn in order of preference; a client that offers none of them is refused with `no_application_protocol`.
///     Empty: no ALPN
public record DownstreamTlsSpec(
        Mode mode,
        List<Credential> credentials,
        @Nullable TrustBundle trust,
        List<String> trustDomains,
        List<String> subjectAltNames,
        List<String> spkiPins,
        List<String> certificateHashes,
        boolean acceptsUnverified,
        @Nullable TlsVersion min,
        @Nullable TlsVersion max,
        List<String> cipherSuites,
        List<String> alpn) {

    /// `ServerTLSSettings.TLSmode`, as far as it terminates TLS.
    public enum Mode {
        SIMPLE,
        MUTUAL,
        OPTIONAL_MUTUAL,
        ISTIO_MUTUAL
    }

    public DownstreamTlsSpec {
        credentials = List.copyOf(credentials);
        trustDomains = List.copyOf(trustDomains);
        subjectAltNames = List.copyOf(subjectAltNames);
        spkiPins = List.copyOf(spkiPins);
        certificateHashes = List.copyOf(certificateHashes);
        cipherSuites = List.copyOf(cipherSuites);
        alpn = List.copyOf(alpn);
    }

    /// All but certificates, the gateway's own and the authorities': what else is asked of a client.
    public DownstreamTlsSpec withoutCertificates() {
        return new DownstreamTlsSpec(
                mode,
                List.of(),
                null,
                trustDomains,
                subjectAltNames,
                spkiPins,
                certificateHashes,
                acceptsUnverified,
                min,
                max,
                cipherSuites,
                alpn);
    }

    /// Whether whoever meets the other spec's demands meets these, too, apart from whom authorities vouch for.
    boolean demandsLike(DownstreamTlsSpec other) {
        return mode == other.mode
                && acceptsUnverified == other.acceptsUnverified
                && trustDomains.containsAll(other.trustDomains)
                && subjectAltNames.equals(other.subjectAltNames)
                && spkiPins.equals(other.spkiPins)
                && certificateHashes.equals(other.certificateHashes);
    }
}
