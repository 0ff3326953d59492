package io.sallyport.reload;

import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.config.index.HostResolution;
import io.sallyport.discovery.MeshEndpoint;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.discovery.ServiceName;
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
                endpoints -> listener.accept(
                        endpoints.stream().map(DiscoveredFeed::spec).toList()))::close;
    }

    private static EndpointSpec spec(MeshEndpoint endpoint) {
        return new EndpointSpec(
                endpoint.address(),
                endpoint.port(),
                endpoint.labels(),
                1,
                endpoint.locality(),
                null,
                account(endpoint.pod()));
    }

    private static @Nullable String account(@Nullable MeshPod pod) {
        return pod == null || pod.serviceAccount().isEmpty() ? null : pod.namespace() + '/' + pod.serviceAccount();
    }
}
