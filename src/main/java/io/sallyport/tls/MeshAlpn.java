package io.sallyport.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Istio's names for protocols within mutual TLS: `istio-h2`, `istio-http/1.1`, `istio`. A sidecar in PERMISSIVE mode
/// recognizes by them that a connection is the mesh's TLS, to be ended there, and not the application's own.
public final class MeshAlpn {
    private static final String MESH = "istio";
    private static final String PREFIX = MESH + "-";
    private static final Set<String> OFFERS =
            Set.of(MESH, PREFIX + "peer-exchange", PREFIX + "http/1.0", PREFIX + "http/1.1", PREFIX + "h2");

    private MeshAlpn() {}

    /// What to offer for `alpn`: the mesh's names first, the plain ones last for a peer that picks from those.
    static List<String> offer(List<String> alpn) {
        List<String> offered = new ArrayList<>(2 * alpn.size() + 1);
        for (String protocol : alpn) {
            offered.add(PREFIX + protocol);
        }
        offered.add(MESH);
        offered.addAll(alpn);
        return offered;
    }

    /// Whether a ClientHello with these protocols is of the mesh's own TLS (Istio pilot, `allIstioMtlsALPNs`).
    public static boolean isOffered(List<String> alpn) {
        for (String protocol : alpn) {
            if (OFFERS.contains(protocol)) {
                return true;
            }
        }
        return false;
    }

    /// The protocol that was agreed on, by its plain name: `h2` for `istio-h2`; null where none was, or only `istio`.
    public static @Nullable String plain(@Nullable String agreed) {
        if (agreed == null || agreed.equals(MESH)) {
            return null;
        }
        return agreed.startsWith(PREFIX) ? agreed.substring(PREFIX.length()) : agreed;
    }
}
