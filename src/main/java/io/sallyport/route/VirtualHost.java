package io.sallyport.route;

import java.util.List;

/// The routes of one set of domains.
///
/// @param name for logs and `explain`
/// @param domains `foo.com`, `*.foo.com` or `*`, in lower case
public record VirtualHost(String name, List<String> domains, RouteIndex routes) {
    public VirtualHost {
        domains = List.copyOf(domains);
    }
}
