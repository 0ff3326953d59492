package io.sallyport.compile;

import io.netty.util.NetUtil;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.WorkloadEntry;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.net.AddressGuard;
import io.sallyport.net.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Says which guarded addresses a service's names may nevertheless have: those that somebody wrote down.
final class GuardCompiler {
    private static final List<AddressRange> LOOPBACK =
            List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1"));

    private final AddressGuard outside;
    private final AddressGuard inMesh;

    GuardCompiler(EgressOptions options, ServiceCatalog catalog) {
        AddressGuard.Services services = new Behind(catalog);
        outside = AddressGuard.EXTERNAL
                .allowing(options.allowedRanges())
                .withOwn(options.ownPorts(), options.ownRanges(), services);
        inMesh = AddressGuard.INTERNAL
                .allowing(options.allowedRanges())
                .withOwn(options.ownPorts(), options.ownRanges(), services);
    }

    /// What is discovered; equal in every generation.
    private record Behind(ServiceCatalog catalog) implements AddressGuard.Services {
        @Override
        public List<InetSocketAddress> endpoints(InetSocketAddress service) {
            return catalog.endpoints(service);
        }
    }

    /// For hosts that no ServiceEntry names.
    AddressGuard outside() {
        return outside;
    }

    /// For mesh services that no ServiceEntry names.
    AddressGuard inMesh() {
        return inMesh;
    }

    /// By `ServiceEntry.location`, and by what its `addresses` and `endpoints` list.
    AddressGuard of(ServiceEntry entry) {
        List<AddressRange> listed = new ArrayList<>();
        entry.addresses().forEach(address -> listed.add(AddressRange.parse(address)));
        for (WorkloadEntry endpoint : entry.endpoints()) {
            InetAddress literal = NetUtil.createInetAddressFromIpAddressString(endpoint.address());
            if (literal != null) {
                listed.add(AddressRange.of(literal));
            } else if (isLocalhost(endpoint.address())) {
                listed.addAll(LOOPBACK);
            }
        }
        if (entry.hosts().stream().anyMatch(GuardCompiler::isLocalhost)) {
            listed.addAll(LOOPBACK);
        }
        return (entry.location() == ServiceEntry.Location.MESH_INTERNAL ? inMesh : outside).allowing(listed);
    }

    /// RFC 6761, 6.3: who writes it means this machine.
    private static boolean isLocalhost(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.equals("localhost") || lower.endsWith(".localhost");
    }
}
