package io.sallyport.compile;

import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.egress.EgressMode;
import io.sallyport.net.AddressRange;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The mesh listener and what it lets out, as the process's settings say.
///
/// @param port of the mesh listener; 0 for none (`sallyport.mesh.enabled=false`)
/// @param tls null where the proxy port itself speaks no TLS
/// @param mode `sallyport.egress.mode`
/// @param allowedCidrs ranges that names outside the mesh may resolve to although they are guarded
///     (`sallyport.egress.allowed-cidrs`)
/// @param ownAddresses addresses and ranges by which others reach this process, though no interface has them
///     (`sallyport.egress.own-addresses`)
/// @param processPorts other ports of the process that mesh clients have no business with: admin, health
public record EgressOptions(
        int port,
        @Nullable MeshTls tls,
        EgressMode mode,
        List<String> allowedCidrs,
        List<String> ownAddresses,
        List<Integer> processPorts) {

    public static final EgressOptions NO_MESH =
            new EgressOptions(0, null, EgressMode.REGISTRY_ONLY, List.of(), List.of(), List.of());

    /// @throws IllegalArgumentException where one of the ranges is none
    public EgressOptions {
        allowedCidrs = List.copyOf(allowedCidrs);
        allowedCidrs.forEach(AddressRange::parse);
        ownAddresses = List.copyOf(ownAddresses);
        ownAddresses.forEach(AddressRange::parse);
        processPorts = List.copyOf(processPorts);
    }

    /// Of a process that has no other ports.
    public EgressOptions(int port, @Nullable MeshTls tls, EgressMode mode, List<String> allowedCidrs) {
        this(port, tls, mode, allowedCidrs, List.of(), List.of());
    }

    /// All ports of the process but those of Gateways, to which routes of the mesh listener may well lead.
    Set<Integer> ownPorts() {
        Set<Integer> all = new HashSet<>(processPorts);
        if (hasMeshListener()) {
            all.add(port);
        }
        return all;
    }

    List<AddressRange> ownRanges() {
        return ownAddresses.stream().map(AddressRange::parse).toList();
    }

    List<AddressRange> allowedRanges() {
        return allowedCidrs.stream().map(AddressRange::parse).toList();
    }

    public boolean hasMeshListener() {
        return port != 0;
    }

    /// TLS between a client and the proxy port (an `https://` proxy). A ClientHello for one of these names, or for
    /// none, is for the proxy itself; any other is a tunnel to the host that it names.
    ///
    /// @param credentialName of the proxy's certificate in the secrets directory; empty with ISTIO_MUTUAL
    /// @param mode SIMPLE, MUTUAL, OPTIONAL_MUTUAL or ISTIO_MUTUAL
    /// @param names of the proxy in lower case
    /// @param required plain-text clients are turned away
    public record MeshTls(String credentialName, ServerTlsSettings.Mode mode, List<String> names, boolean required) {
        public MeshTls {
            names = List.copyOf(names);
        }
    }
}
