package io.sallyport.config.model;

import java.util.List;
import java.util.Map;

/// `networking.istio.io` Gateway: which ports to open, for which hosts, with which TLS.
///
/// @param selector labels of the gateway instances it applies to; empty is every instance
public record Gateway(ResourceMeta meta, List<Server> servers, Map<String, String> selector) implements Resource {}
