package io.sallyport.config.validation;

import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServiceEntry.Resolution;
import io.sallyport.config.model.WorkloadEntry;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.net.AddressRange;
import java.util.Set;

/// `WorkloadEntry` as an endpoint of a ServiceEntry.
final class EndpointValidator {
    private static final String UNIX = "unix://";

    private EndpointValidator() {}

    static void validate(ServiceEntry entry, Set<String> portNames, Place place) {
        boolean names = entry.resolution() == Resolution.DNS || entry.resolution() == Resolution.DNS_ROUND_ROBIN;
        for (int i = 0; i < entry.endpoints().size(); i++) {
            WorkloadEntry endpoint = entry.endpoints().get(i);
            Place at = place.index(i);
            if (endpoint.address().startsWith(UNIX)) {
                unixSocket(endpoint, names, portNames.size(), at);
            } else {
                address(endpoint, names, at);
            }
            endpoint.ports().forEach((name, number) -> {
                if (!portNames.contains(name)) {
                    String message = "port " + Quote.of(name) + " is not one of the ServiceEntry's";
                    at.field("ports").key(name).report(ProblemCode.BAD_ENDPOINT, message);
                }
                Checks.port(number, at.field("ports").key(name));
            });
            LabelChecks.labels(endpoint.labels(), at.field("labels"));
        }
    }

    private static void address(WorkloadEntry endpoint, boolean names, Place place) {
        String address = endpoint.address();
        if (address.isEmpty()) {
            if (endpoint.network().isEmpty()) {
                place.field("address").report(ProblemCode.BAD_ENDPOINT, "an endpoint needs its address");
            }
        } else if (names) {
            HostNames.checkNameOrAddress(address, ProblemCode.BAD_ENDPOINT, place.field("address"));
        } else if (!AddressRange.isAddress(address)) {
            String message = Quote.of(address) + " is not an IP address";
            place.field("address").report(ProblemCode.BAD_ENDPOINT, message, "use resolution DNS for host names");
        }
    }

    private static void unixSocket(WorkloadEntry endpoint, boolean names, int servicePorts, Place place) {
        String path = endpoint.address().substring(UNIX.length());
        boolean isPath = path.startsWith("@") || (path.startsWith("/") && !path.endsWith("/"));
        if (names || !isPath) {
            String message = Quote.of(endpoint.address()) + " is not an endpoint's address";
            place.field("address").report(ProblemCode.BAD_ENDPOINT, message, "an absolute path, with STATIC");
        }
        if (!endpoint.ports().isEmpty() || servicePorts != 1) {
            place.report(ProblemCode.BAD_ENDPOINT, "a unix socket has no ports, and the ServiceEntry one");
        }
    }
}
