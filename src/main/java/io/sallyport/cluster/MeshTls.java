package io.sallyport.cluster;

import io.sallyport.identity.PeerModes;
import io.sallyport.tls.UpstreamTlsSpec;

/// The mesh's own TLS towards those endpoints of a cluster that speak it, without a DestinationRule's `tls` (Istio:
/// auto mTLS). The others get plain text.
///
/// @param serverName to send, by which an Istio gateway on the way knows the cluster
/// @param modes PeerAuthentication for the endpoints' namespace
public record MeshTls(UpstreamTlsSpec spec, String serverName, PeerModes modes) {
    private static final String LABEL = "security.istio.io/tlsMode";
    private static final String ISTIO = "istio";

    /// Whether the endpoint says that it speaks the mesh's TLS.
    public static boolean isOffered(EndpointSpec endpoint) {
        return ISTIO.equals(endpoint.labels().get(LABEL));
    }

    boolean isFor(EndpointSpec endpoint) {
        return isOffered(endpoint) && modes.of(endpoint.labels(), endpoint.port()) != PeerModes.Mode.DISABLE;
    }
}
