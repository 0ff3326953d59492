package io.sallyport.config.index;

/// One entry of a Gateway server's `hosts`.
///
/// @param namespace of the VirtualServices it admits; `*` is any
/// @param host canonical name, `*.suffix` or `*`
public record ServerHost(String namespace, String host) {
    public static final String ANY_NAMESPACE = "*";

    /// Reads `host`, `namespace/host`, `./host` (the Gateway's own namespace) and `*/host` (`Server.hosts`).
    public static ServerHost parse(String entry, String gatewayNamespace) {
        int slash = entry.indexOf('/');
        if (slash < 0) {
            return new ServerHost(ANY_NAMESPACE, HostPatterns.canonical(entry));
        }
        String namespace = entry.substring(0, slash);
        return new ServerHost(
                namespace.equals(".") ? gatewayNamespace : namespace,
                HostPatterns.canonical(entry.substring(slash + 1)));
    }

    public boolean admitsAnyNamespace() {
        return namespace.equals(ANY_NAMESPACE);
    }

    public boolean admitsNamespace(String virtualServiceNamespace) {
        return admitsAnyNamespace() || namespace.equals(virtualServiceNamespace);
    }
}
