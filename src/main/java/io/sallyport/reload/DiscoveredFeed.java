package io.sallyport.reload;

import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.config.index.HostResolution;
import io.sallyport.discovery.MeshEndpoint;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.discovery.ServiceName;
import io.sallyport.outcome.WorkloadNames;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Hands the endpoints of the mesh's services on to the clusters.
public final class DiscoveredFeed implements EndpointFeed {
    private final ServiceCatalog catalog;
    private final HostResolution hosts;

    /// @param clusterDomain such as `cluster.local`
    public DiscoveredFeed(ServiceCatalog catalog, String clusterDomain) {
        this.catalog = catalog;
        this.hosts = new HostResolution(clusterDomain);
    }

    @Override
    public Subscription subscribe(String host, int port, Consumer<List<EndpointSpec>> listener) {
        HostResolution.MeshService service = hosts.meshService(host);
        if (service == null) {
            throw new IllegalArgumentException(host + " is not the name of a mesh service");
        }
        return catalog.watch(
                new ServiceName(service.namespace(), service.name()),
                port,
                endpoints -> listener.accept(endpoints.stream()
                        .map(endpoint -> spec(endpoint, service.namespace()))
                        .toList()))::close;
    }

    /// @param namespace of the service, and so of what stands behind it
    private static EndpointSpec spec(MeshEndpoint endpoint, String namespace) {
        return new EndpointSpec(
                        endpoint.address(),
                        endpoint.port(),
                        endpoint.labels(),
                        1,
                        endpoint.locality(),
                        null,
                        account(endpoint.pod()))
                .named(names(endpoint, namespace));
    }

    private static @Nullable String account(@Nullable MeshPod pod) {
        return pod == null || pod.serviceAccount().isEmpty() ? null : pod.namespace() + '/' + pod.serviceAccount();
    }

    private static @Nullable WorkloadNames names(MeshEndpoint endpoint, String namespace) {
        MeshPod pod = endpoint.pod();
        return pod == null
                ? WorkloadNames.of(endpoint.labels(), namespace, null, null)
                : WorkloadNames.of(
                        pod.labels(),
                        pod.namespace(),
                        pod.workload(),
                        pod.serviceAccount().isEmpty() ? null : pod.serviceAccount());
    }
}
