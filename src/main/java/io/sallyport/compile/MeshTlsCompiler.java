package io.sallyport.compile;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.MeshTls;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides by what TLS a cluster's endpoints are spoken to where no DestinationRule does: those in the mesh that offer
/// the mesh's own get it.
final class MeshTlsCompiler {
    private final ConfigurationIndex index;
    private final ClientTlsCompiler tls;
    private final PeerModesCompiler modes;
    private final boolean enabled;

    MeshTlsCompiler(ConfigurationIndex index, ClientTlsCompiler tls, PeerModesCompiler modes) {
        this.index = index;
        this.tls = tls;
        this.modes = modes;
        this.enabled = index.configuration().meshConfigs().stream().allMatch(MeshConfig::enableAutoMtls);
    }

    /// @param service whose endpoints they are, with its port
    /// @return null where no endpoint can have a need of it, or the gateway has no identity
    @Nullable
    MeshTls compile(
            String service,
            int port,
            @Nullable String subset,
            EndpointCompiler.Source source,
            List<EndpointSpec> endpoints) {
        if (!enabled) {
            return null;
        }
        boolean listed = source.discovery() != Discovery.DISCOVERED;
        if (listed && endpoints.stream().noneMatch(each -> MeshTls.isOffered(each, true))) {
            return null;
        }
        ServiceEntry entry = index.serviceEntries().find(service, port);
        if (entry == null || entry.location() != ServiceEntry.Location.MESH_INTERNAL) {
            return null;
        }
        Credentials.Asker asker =
                new Credentials.Asker(entry.meta().namespace(), entry.meta().at(), "spec.endpoints");
        UpstreamTlsSpec spec = tls.ofMesh(source.subjectAltNames(), asker, !entry.isDiscovered());
        return spec == null
                ? null
                : new MeshTls(
                        spec,
                        ClusterSpec.serverName(service, subset, port),
                        modes.of(entry.meta().namespace()),
                        listed);
    }
}
