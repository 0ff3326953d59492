package io.sallyport.config.validation;

import io.sallyport.config.model.Destination;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import java.util.List;

/// Checks that the routes of all protocols have in common.
final class RouteChecks {
    private RouteChecks() {}

    static void gatewayNames(List<String> gateways, Place place) {
        for (int i = 0; i < gateways.size(); i++) {
            gatewayName(gateways.get(i), place.index(i));
        }
    }

    private static void gatewayName(String gateway, Place place) {
        int slash = gateway.indexOf('/');
        String namespace = slash < 0 ? "" : gateway.substring(0, slash);
        String name = gateway.substring(slash + 1);
        boolean known = slash < 0
                ? HostNames.nameProblem(name) == null
                : HostNames.isLabel(namespace) && HostNames.isLabel(name);
        if (!known) {
            String message = Quote.of(gateway) + " is not a gateway's name";
            place.report(ProblemCode.BAD_GATEWAY_NAME, message, "name, namespace/name or mesh");
        } else if (slash < 0 && name.contains(".")) {
            place.report(ProblemCode.DEPRECATED, "a gateway is named namespace/name; the form with dots is deprecated");
        }
    }

    /// @param place of the list of destinations
    static void weights(List<Integer> weights, Place place) {
        long sum = 0;
        for (int i = 0; i < weights.size(); i++) {
            int weight = weights.get(i);
            if (weight < 0) {
                place.index(i).field("weight").report(ProblemCode.BAD_WEIGHTS, "weight " + weight + " is negative");
            }
            sum += Math.max(0, weight);
        }
        boolean anyNegative = weights.stream().anyMatch(weight -> weight < 0);
        if (weights.size() > 1 && sum == 0 && !anyNegative) {
            String message = "the weights of " + weights.size() + " destinations sum to 0";
            place.report(ProblemCode.BAD_WEIGHTS, message, "give each its weight, such as 50");
        }
        if (sum > Integer.MAX_VALUE) {
            place.report(ProblemCode.BAD_WEIGHTS, "the weights sum to more than " + Integer.MAX_VALUE);
        }
    }

    static void destination(Destination destination, Place place) {
        String host = destination.host();
        if (host.equals("*")) {
            String message = "a destination is a host, or *. before the name that all hosts which requests name end in";
            place.field("host").report(ProblemCode.BAD_WILDCARD, message);
        } else if (host.contains("*")) {
            HostNames.check(host, place.field("host"));
        } else if (!host.isEmpty()) {
            HostNames.checkNameOrAddress(host, ProblemCode.BAD_HOST, place.field("host"));
        }
        if (!destination.subset().isEmpty()) {
            Checks.name(destination.subset(), place.field("subset"));
        }
        if (place.field("port").field("number").isPresent()) {
            Checks.port(destination.port(), place.field("port").field("number"));
        }
    }
}
