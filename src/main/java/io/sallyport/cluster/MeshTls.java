package io.sallyport.cluster;

import io.sallyport.identity.PeerModes;
import io.sallyport.tls.UpstreamTlsSpec;

/// The mesh's own TLS towards those endpoints of a cluster that speak it, without a DestinationRule's `tls` (Istio:
/// auto mTLS). The others get plain text.
///
/// @param serverName to send, by which an Istio gateway on the way knows the cluster
/// @param modes PeerAuthentication for the endpoints' namespace
/// @param listed the endpoints are, by a ServiceEntry, rather than discovered
public record MeshTls(UpstreamTlsSpec spec, String serverName, PeerModes modes, boolean listed) {
    private static final String LABEL = "security.istio.io/tlsMode";
    private static final String ISTIO = "istio";

    /// Whether the endpoint says that it speaks the mesh's TLS: by its label, or where it is listed without one, by its
    /// service account (Istio pilot, `getTLSModeFromWorkloadEntry`).
    ///
    /// @param listed by a ServiceEntry; of an endpoint that is discovered the label alone counts
    public static boolean isOffered(EndpointSpec endpoint, boolean listed) {
        String mode = endpoint.labels().get(LABEL);
        return mode == null ? listed && endpoint.serviceAccount() != null : mode.equals(ISTIO);
    }

    boolean isFor(EndpointSpec endpoint) {
        return isOffered(endpoint, listed) && modes.of(endpoint.labels(), endpoint.port()) != PeerModes.Mode.DISABLE;
    }
}
