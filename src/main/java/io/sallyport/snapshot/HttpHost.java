package io.sallyport.snapshot;

import io.sallyport.route.RouteIndex;
import java.util.List;

/// A virtual host as one Gateway server offers it: the routes of one domain.
///
/// Where there are many, each request meets another one, and what it reads of it comes from memory that no cache holds:
/// so there is little between the domain and its route.
///
/// @param domain `foo.com`, `*.foo.com` or `*`, in lower case
/// @param httpsRedirect requests in plain text are answered with 301 to https (`ServerTLSSettings.https_redirect`)
/// @param server which server of which Gateway, for logs and `explain`
/// @param gateways all Gateways that offer the host, `namespace/name`; empty on the mesh listener
public record HttpHost(
        String domain, RouteIndex routes, boolean httpsRedirect, ServerRef server, List<String> gateways) {
    public HttpHost {
        gateways = List.copyOf(gateways);
    }

    /// For `explain`: the domain with the port that it is served on, `*` for any.
    public String name() {
        return domain + ':' + (server.port() == 0 ? "*" : Integer.toString(server.port()));
    }
}
