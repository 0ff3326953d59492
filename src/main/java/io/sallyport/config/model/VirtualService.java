package io.sallyport.config.model;

import java.util.List;

/// `networking.istio.io` VirtualService: the routes of a set of hosts.
///
/// @param hosts names, `*.suffix` or `*`; empty for a delegate
/// @param gateways `name`, `namespace/name` or `mesh`; empty means `mesh` alone
/// @param exportTo namespaces that see it; empty is all
public record VirtualService(
        ResourceMeta meta,
        List<String> hosts,
        List<String> gateways,
        List<HttpRoute> http,
        List<TlsRoute> tls,
        List<TcpRoute> tcp,
        List<String> exportTo)
        implements Resource {}
