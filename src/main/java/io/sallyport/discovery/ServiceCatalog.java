package io.sallyport.discovery;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The services, endpoints and clients of a mesh, kept current. Thread-safe.
public interface ServiceCatalog {
    /// Without discovery.
    ServiceCatalog NONE = new ServiceCatalog() {
        @Override
        public MeshServices services() {
            return MeshServices.UNKNOWN;
        }

        @Override
        public @Nullable MeshPod pod(InetAddress address) {
            return null;
        }

        @Override
        public Watch watch(ServiceName service, int port, Consumer<List<MeshEndpoint>> listener) {
            return () -> {};
        }
    };

    /// What is known now.
    MeshServices services();

    /// The pod with that address, or null.
    @Nullable
    MeshPod pod(InetAddress address);

    /// The addresses of the endpoints that a service's own address and port lead to; empty where there is no such
    /// service, or none is known.
    default List<InetSocketAddress> endpoints(InetSocketAddress service) {
        return List.of();
    }

    /// Reports the endpoints of a service's port that take requests: before this returns, unless nothing is known yet,
    /// and after every change.
    ///
    /// @param port of the service
    /// @param listener never called twice at a time; must not block
    Watch watch(ServiceName service, int port, Consumer<List<MeshEndpoint>> listener);

    /// A subscription to endpoints.
    interface Watch {
        /// Ends the reports.
        void close();
    }
}
