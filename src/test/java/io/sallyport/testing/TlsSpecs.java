package io.sallyport.testing;

import io.sallyport.identity.Credential;
import io.sallyport.identity.TrustBundle;
import io.sallyport.tls.DownstreamTlsSpec;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// TLS settings with everything that a test does not name at its default.
public final class TlsSpecs {
    private TlsSpecs() {}

    public static DownstreamTlsSpec downstream(Credential credential, List<String> alpn) {
        return downstream(DownstreamTlsSpec.Mode.SIMPLE, credential, null, "", alpn);
    }

    public static DownstreamTlsSpec downstream(
            DownstreamTlsSpec.Mode mode,
            Credential credential,
            @Nullable TrustBundle trust,
            String trustDomain,
            List<String> alpn) {
        return new DownstreamTlsSpec(
                mode,
                List.of(credential),
                trust,
                trustDomain.isEmpty() ? List.of() : List.of(trustDomain),
                List.of(),
                List.of(),
                List.of(),
                false,
                null,
                null,
                List.of(),
                alpn);
    }

    /// SIMPLE, expecting the name that a connection is opened for.
    public static UpstreamTlsSpec upstream(@Nullable TrustBundle trust) {
        return new UpstreamTlsSpec(UpstreamTlsSpec.Mode.SIMPLE, null, trust, null, List.of(), false, List.of());
    }

    /// ISTIO_MUTUAL with the gateway's own identity, accepting any identity of the trust domain.
    public static UpstreamTlsSpec istioMutual(
            Credential svid, TrustBundle trust, @Nullable String sni, String trustDomain) {
        return new UpstreamTlsSpec(
                UpstreamTlsSpec.Mode.ISTIO_MUTUAL, svid, trust, sni, List.of(), false, List.of(trustDomain));
    }
}
