package io.sallyport.config.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `Server`: one port of a [Gateway] for a set of hosts.
///
/// @param bind IP address to listen on, or `unix://` and a path; `""` is all
/// @param hosts `host`, `namespace/host`, `./host` or `*/host`; a host is a name, `*.suffix` or `*`
/// @param defaultEndpoint read only: Istio's loopback endpoint of a sidecar
public record Server(
        Port port,
        String bind,
        List<String> hosts,
        @Nullable ServerTlsSettings tls,
        String defaultEndpoint,
        String name,
        Position at) {
    /// What the path of a Unix socket stands behind in `bind`.
    public static final String UNIX = "unix://";

    public boolean isOnUnixSocket() {
        return bind.startsWith(UNIX);
    }
}
