package io.sallyport.tls;

import io.sallyport.identity.Credential;
import io.sallyport.identity.TrustBundle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How TLS is spoken to the endpoints of one cluster: what Istio's `ClientTLSSettings` comes to once its files are
/// read. Two equal specs make interchangeable contexts.
///
/// @param client the certificate to present; required but for SIMPLE
/// @param trust null: the roots of the operating system, or of the JDK where it has none. Required for ISTIO_MUTUAL
/// @param sni the name to send and, without `subjectAltNames`, to expect; null: the host that a connection is opened
///     for
/// @param subjectAltNames the endpoint's certificate must hold one of these; empty: the name sent, or for ISTIO_MUTUAL
///     any identity of the trust domain
/// @param insecureSkipVerify nothing of the endpoint's certificate is verified
/// @param trustDomains of the mesh: its own, then the names that this goes by besides; used by ISTIO_MUTUAL only
/// @param complete false where a certificate or authorities that are asked for are not there: then no connection is
///     made, neither with TLS nor without
public record UpstreamTlsSpec(
        Mode mode,
        @Nullable Credential client,
        @Nullable TrustBundle trust,
        @Nullable String sni,
        List<String> subjectAltNames,
        boolean insecureSkipVerify,
        List<String> trustDomains,
        boolean complete) {

    /// `ClientTLSSettings.TLSmode`, but for DISABLE.
    public enum Mode {
        SIMPLE,
        MUTUAL,
        ISTIO_MUTUAL
    }

    public UpstreamTlsSpec {
        subjectAltNames = List.copyOf(subjectAltNames);
        trustDomains = List.copyOf(trustDomains);
    }

    /// The name to send, unless it is an address (RFC 6066, 3).
    ///
    /// @param host that a connection is opened for
    public String nameFor(String host) {
        return sni == null ? host : sni;
    }

    /// The names of which the endpoint's certificate must hold one; empty where nothing is verified.
    ///
    /// @param host that a connection is opened for
    public List<String> expectedNames(String host) {
        if (insecureSkipVerify) {
            return List.of();
        }
        if (!subjectAltNames.isEmpty()) {
            return subjectAltNames;
        }
        return mode == Mode.ISTIO_MUTUAL
                ? trustDomains.stream()
                        .map(domain -> "spiffe://" + domain + "/*")
                        .toList()
                : List.of(nameFor(host));
    }

    /// A complete one.
    public UpstreamTlsSpec(
            Mode mode,
            @Nullable Credential client,
            @Nullable TrustBundle trust,
            @Nullable String sni,
            List<String> subjectAltNames,
            boolean insecureSkipVerify,
            List<String> trustDomains) {
        this(mode, client, trust, sni, subjectAltNames, insecureSkipVerify, trustDomains, true);
    }

    /// The same, but that no connection can be made with it.
    public UpstreamTlsSpec incomplete() {
        return new UpstreamTlsSpec(mode, client, trust, sni, subjectAltNames, insecureSkipVerify, trustDomains, false);
    }
}
