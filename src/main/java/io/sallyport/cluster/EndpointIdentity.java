package io.sallyport.cluster;

import io.sallyport.identity.PeerIdentity;
import io.sallyport.identity.SpiffeId;
import io.sallyport.tls.UpstreamTlsSpec;
import javax.net.ssl.SSLSession;

/// Whether a discovered endpoint is who its pod is (Istio: "secure naming"). Only where the mesh's own TLS is spoken
/// and the configuration expects no other name.
public final class EndpointIdentity {
    private EndpointIdentity() {}

    public static boolean isShown(ClusterSpec spec, EndpointSpec endpoint, SSLSession session) {
        UpstreamTlsSpec tls = spec.tls();
        String account = endpoint.serviceAccount();
        if (spec.discovery() != Discovery.DISCOVERED
                || account == null
                || tls == null
                || tls.mode() != UpstreamTlsSpec.Mode.ISTIO_MUTUAL
                || tls.insecureSkipVerify()
                || !tls.subjectAltNames().isEmpty()) {
            return true;
        }
        PeerIdentity peer = PeerIdentity.of(session);
        SpiffeId id = peer == null ? null : peer.spiffe();
        return id != null && account.equals(id.namespace() + '/' + id.serviceAccount());
    }
}
