package io.sallyport.config.validation;

import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServiceEntry.Resolution;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Validates a ServiceEntry as Istio's `ValidateServiceEntry` does.
final class ServiceEntryValidator {
    private static final Set<PortProtocol> DYNAMIC =
            EnumSet.of(PortProtocol.HTTP, PortProtocol.HTTP2, PortProtocol.GRPC, PortProtocol.TLS);

    /// Names a waypoint of an ambient mesh, or is `none`.
    private static final String USE_WAYPOINT = "istio.io/use-waypoint";

    private ServiceEntryValidator() {}

    static void validate(ServiceEntry entry, Place spec) {
        LabelChecks.selector(
                entry.workloadSelector(), spec.field("workloadSelector").field("labels"));
        if (entry.workloadSelector() != null && !entry.endpoints().isEmpty()) {
            String message = "workloadSelector and endpoints exclude each other";
            spec.field("workloadSelector").report(ProblemCode.SELECTOR_AND_ENDPOINTS, message);
        }
        hosts(entry.hosts(), spec.field("hosts"));
        addresses(entry, spec.field("addresses"));
        Set<String> portNames = ports(entry.ports(), spec.field("ports"));
        resolution(entry, spec);
        EndpointValidator.validate(entry, portNames, spec.field("endpoints"));
        severalHosts(entry, spec);
        addressesNeeded(entry, spec.field("ports"));
        Checks.exportTo(entry.exportTo(), entry.meta().namespace(), true, spec.field("exportTo"));
    }

    private static void hosts(List<String> hosts, Place place) {
        if (hosts.isEmpty()) {
            place.report(ProblemCode.NO_HOSTS, "a ServiceEntry has at least one host");
        }
        for (int i = 0; i < hosts.size(); i++) {
            if (hosts.get(i).equals("*")) {
                String message = "* would let out everything";
                place.index(i).report(ProblemCode.BAD_WILDCARD, message, "name the host, or *. and a domain");
            } else {
                HostNames.check(hosts.get(i), place.index(i));
            }
        }
    }

    private static void addresses(ServiceEntry entry, Place place) {
        boolean rangesAllowed = entry.resolution() == Resolution.NONE || entry.resolution() == Resolution.STATIC;
        for (int i = 0; i < entry.addresses().size(); i++) {
            String address = entry.addresses().get(i);
            Checks.range(address, place.index(i));
            if (address.contains("/") && !rangesAllowed) {
                place.index(i).report(ProblemCode.BAD_RESOLUTION, "ranges of addresses need resolution NONE or STATIC");
            }
        }
    }

    private static Set<String> ports(List<ServicePort> ports, Place place) {
        Set<String> names = new HashSet<>();
        Set<Integer> numbers = new HashSet<>();
        for (int i = 0; i < ports.size(); i++) {
            ServicePort port = ports.get(i);
            Place at = place.index(i);
            if (!port.name().isEmpty()) {
                Checks.name(port.name(), at.field("name"));
            }
            if (!port.name().isEmpty() && !names.add(port.name())) {
                String message = "port name " + Quote.of(port.name()) + " is given twice";
                at.field("name").report(ProblemCode.DUPLICATE_NAME, message);
            }
            if (at.field("number").isPresent()) {
                Checks.port(port.number(), at.field("number"));
            }
            if (at.field("number").isPresent() && !numbers.add(port.number())) {
                at.field("number").report(ProblemCode.DUPLICATE_NAME, "port " + port.number() + " is given twice");
            }
            Checks.optionalPort(port.targetPort(), at.field("targetPort"));
        }
        return names;
    }

    private static void resolution(ServiceEntry entry, Place spec) {
        int endpoints = entry.endpoints().size();
        switch (entry.resolution()) {
            case NONE -> {
                if (endpoints > 0) {
                    String message = "resolution NONE has no endpoints: the client's own address is taken";
                    spec.field("endpoints").report(ProblemCode.BAD_RESOLUTION, message, "use STATIC or DNS");
                }
            }
            case STATIC -> {}
            case DNS, DNS_ROUND_ROBIN -> {
                if (endpoints == 0) {
                    resolvable(entry.hosts(), spec.field("hosts"));
                }
                if (entry.resolution() == Resolution.DNS_ROUND_ROBIN && endpoints > 1) {
                    String message = "DNS_ROUND_ROBIN has at most one endpoint";
                    spec.field("endpoints").report(ProblemCode.BAD_RESOLUTION, message);
                }
            }
            case DYNAMIC_DNS -> dynamic(entry, spec);
        }
    }

    private static void resolvable(List<String> hosts, Place place) {
        for (int i = 0; i < hosts.size(); i++) {
            if (HostNames.isWildcard(hosts.get(i))) {
                String message = Quote.of(hosts.get(i)) + " cannot be looked up";
                place.index(i).report(ProblemCode.BAD_RESOLUTION, message, "give endpoints, or use DYNAMIC_DNS");
            }
        }
    }

    private static void dynamic(ServiceEntry entry, Place spec) {
        for (int i = 0; i < entry.hosts().size(); i++) {
            if (!HostNames.isWildcard(entry.hosts().get(i))) {
                String message = "DYNAMIC_DNS is for wildcard hosts";
                spec.field("hosts").index(i).report(ProblemCode.BAD_RESOLUTION, message, "use DNS");
            }
        }
        if (!entry.addresses().isEmpty()) {
            spec.field("addresses").report(ProblemCode.BAD_RESOLUTION, "DYNAMIC_DNS has no addresses");
        }
        if (!entry.endpoints().isEmpty()) {
            spec.field("endpoints").report(ProblemCode.BAD_RESOLUTION, "DYNAMIC_DNS has no endpoints");
        }
        if (entry.location() == ServiceEntry.Location.MESH_INTERNAL && usesWaypoint(entry)) {
            String message = "DYNAMIC_DNS with a waypoint (label " + USE_WAYPOINT + ") is not for MESH_INTERNAL";
            spec.field("location").report(ProblemCode.BAD_RESOLUTION, message, "use MESH_EXTERNAL");
        }
        for (int i = 0; i < entry.ports().size(); i++) {
            PortProtocol protocol = entry.ports().get(i).protocol();
            if (!DYNAMIC.contains(protocol)) {
                String message = "DYNAMIC_DNS is for HTTP, HTTP2, GRPC and TLS";
                spec.field("ports").index(i).field("protocol").report(ProblemCode.BAD_RESOLUTION, message);
            }
        }
    }

    private static boolean usesWaypoint(ServiceEntry entry) {
        String waypoint = entry.meta().labels().getOrDefault(USE_WAYPOINT, "");
        return !waypoint.isEmpty() && !waypoint.equalsIgnoreCase("none");
    }

    private static void addressesNeeded(ServiceEntry entry, Place ports) {
        for (int i = 0; i < entry.ports().size(); i++) {
            PortProtocol protocol = entry.ports().get(i).protocol();
            boolean needed = protocol == PortProtocol.TCP || protocol == PortProtocol.UNSPECIFIED;
            if (needed && entry.addresses().isEmpty()) {
                String message =
                        "a port of protocol TCP, or of none, is known by its address, and there are no addresses";
                ports.index(i).report(ProblemCode.ADDRESSES_NEEDED, message, "add addresses");
            }
        }
        boolean looksUp = entry.resolution() == Resolution.DNS || entry.resolution() == Resolution.DNS_ROUND_ROBIN;
        if (!looksUp || entry.addresses().isEmpty() || entry.hosts().size() < 2) {
            return;
        }
        for (int i = 0; i < entry.ports().size(); i++) {
            if (entry.ports().get(i).protocol().isTls()) {
                String message = "several hosts share the addresses of this port";
                ports.index(i).report(ProblemCode.ADDRESSES_SHARED, message, "one ServiceEntry a host");
            }
        }
    }

    private static void severalHosts(ServiceEntry entry, Place spec) {
        if (entry.resolution() == Resolution.NONE || entry.hosts().size() < 2) {
            return;
        }
        for (int i = 0; i < entry.ports().size(); i++) {
            PortProtocol protocol = entry.ports().get(i).protocol();
            if (!protocol.isPlainHttp() && !protocol.isTls()) {
                String message = "several hosts need ports that tell them apart: HTTP or TLS";
                spec.field("ports").index(i).report(ProblemCode.TCP_HOSTS, message, "one ServiceEntry a host");
            }
        }
    }
}
