package io.sallyport.config.index;

import org.jspecify.annotations.Nullable;

/// What host names in resources stand for. As in Istio, a name without a dot is a mesh service in the namespace of
/// the resource that names it; every other name stands for itself (`Destination.host`, `VirtualService.hosts`). The
/// hosts of a ServiceEntry, which are defined there, all stand for themselves.
public final class HostResolution {
    private static final String SERVICE = ".svc.";

    private final String clusterDomain;
    private final String serviceSuffix;

    /// @param clusterDomain without a leading dot, such as `cluster.local`
    public HostResolution(String clusterDomain) {
        this.clusterDomain = HostPatterns.canonical(clusterDomain);
        this.serviceSuffix = SERVICE + this.clusterDomain;
    }

    /// A service of the mesh, found by its name.
    public record MeshService(String name, String namespace) {}

    public String clusterDomain() {
        return clusterDomain;
    }

    /// The canonical full name: `payments` in `prod` is `payments.prod.svc.cluster.local`. Wildcards and names with a
    /// dot only become lower case and lose a trailing dot.
    public String fullyQualified(String host, String namespace) {
        String canonical = HostPatterns.canonical(host);
        return isShort(canonical) ? serviceName(canonical, namespace) : canonical;
    }

    /// The full name of an extension provider's service, `[namespace/]host`: the host is whole unless a namespace
    /// completes it.
    public String ofProvider(String service) {
        int slash = service.indexOf('/');
        return slash < 0
                ? HostPatterns.canonical(service)
                : fullyQualified(service.substring(slash + 1), service.substring(0, slash));
    }

    /// Whether a name means a service of the resource's own namespace.
    public static boolean isShort(String host) {
        return !host.isEmpty() && host.indexOf('.') < 0 && !HostPatterns.isWildcard(host);
    }

    public String serviceName(String name, String namespace) {
        return name + "." + namespace + serviceSuffix;
    }

    /// The mesh service that a full name means, or null for a name that is not `name.namespace.svc.<cluster domain>`.
    public @Nullable MeshService meshService(String fullName) {
        if (!fullName.endsWith(serviceSuffix)) {
            return null;
        }
        int end = fullName.length() - serviceSuffix.length();
        int dot = fullName.indexOf('.');
        boolean twoLabels = dot > 0 && dot < end - 1 && fullName.lastIndexOf('.', end - 1) == dot;
        return twoLabels ? new MeshService(fullName.substring(0, dot), fullName.substring(dot + 1, end)) : null;
    }

    /// Whether the name lies under the cluster domain, and so is the cluster's DNS's to answer. That is wider than
    /// [#meshService]: pods of a headless service have names of more labels.
    public boolean isInCluster(String fullName) {
        return fullName.endsWith(serviceSuffix) && fullName.length() > serviceSuffix.length();
    }

    /// The full name that the writer of an unfinished one (`payments.prod`, `payments.prod.svc`) most likely meant, or
    /// null. Istio does not complete such names, and neither does Sallyport.
    public @Nullable String completed(String host) {
        String base = host.endsWith(".svc") ? host.substring(0, host.length() - ".svc".length()) : host;
        int dot = base.indexOf('.');
        boolean twoLabels = dot > 0 && dot < base.length() - 1 && base.indexOf('.', dot + 1) < 0;
        return twoLabels ? base + serviceSuffix : null;
    }
}
