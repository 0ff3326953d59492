package io.sallyport.explain;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.PolicyIndex;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Condition;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Source;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.explain.egress.TextTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Who may call what by a configuration's AuthorizationPolicies: source × destination × methods and paths. Within a
/// destination the rows are in the order in which they decide: DENY, ALLOW, and what remains.
public final class PolicyTable {
    private static final String ANYONE = "anyone";
    private static final String ANYTHING = "anything";

    /// @param destination what is called
    /// @param action `DENY`, `ALLOW`, `AUDIT`, `CUSTOM` with its provider, `dry run` where it is not enforced;
    ///     `denied` or `allowed` for what no policy names
    /// @param policy `namespace/name[rule]`
    /// @param place `file:line`
    private record Row(
            String destination,
            String action,
            String source,
            String request,
            String when,
            String policy,
            String place) {}

    private static final Comparator<Row> ORDER =
            Comparator.comparing(Row::destination).thenComparing(row -> rank(row.action));

    private final ConfigurationIndex index;
    private final List<Row> rows = new ArrayList<>();

    private PolicyTable(ConfigurationIndex index) {
        this.index = index;
    }

    public static PolicyTable of(ConfigurationIndex index) {
        PolicyTable table = new PolicyTable(index);
        Map<String, Boolean> destinations = new TreeMap<>();
        for (AuthorizationPolicy policy : index.policies().all()) {
            for (String destination : table.destinations(policy)) {
                table.add(policy, destination);
                boolean allows = policy.action() == Action.ALLOW && !policy.isDryRun();
                destinations.merge(destination, allows, Boolean::logicalOr);
            }
        }
        destinations.forEach((destination, allows) -> table.rows.add(
                new Row(destination, allows ? "denied" : "allowed", ANYONE, ANYTHING + " else", "", "", "")));
        table.rows.sort(ORDER);
        return table;
    }

    private static int rank(String action) {
        List<String> order = List.of("CUSTOM", "AUDIT", "DENY", "ALLOW", "denied", "allowed");
        for (int i = 0; i < order.size(); i++) {
            if (action.startsWith(order.get(i))) {
                return i;
            }
        }
        return order.size();
    }

    private Set<String> destinations(AuthorizationPolicy policy) {
        Set<String> all = new LinkedHashSet<>();
        String namespace = policy.meta().namespace();
        for (AuthorizationPolicy.TargetRef target : policy.targets()) {
            all.add(target.kind() + " " + namespace + "/" + target.name());
        }
        PolicyIndex policies = index.policies();
        if (policies.selectsInstance(policy)) {
            all.add("this instance");
        }
        Stream.concat(index.configuration().serviceEntries().stream(), index.serviceEntries().discovered().stream())
                .filter(entry -> entry.location() == ServiceEntry.Location.MESH_INTERNAL
                        && policies.selectsWithin(policy, entry.meta().namespace())
                        && selects(policy, entry))
                .forEach(entry -> entry.hosts().forEach(host -> all.add("service " + host)));
        if (all.isEmpty()) {
            String where = policies.isRoot(policy) ? "the mesh" : namespace;
            all.add(
                    policy.selector() == null
                            ? "workloads of " + where
                            : "workloads " + labels(policy.selector()) + " of " + where);
        }
        return all;
    }

    private static boolean selects(AuthorizationPolicy policy, ServiceEntry entry) {
        Map<String, String> selector = policy.selector();
        return selector == null
                || selector.isEmpty()
                || entry.endpoints().stream().anyMatch(endpoint -> endpoint.carries(selector));
    }

    private static String labels(Map<String, String> labels) {
        List<String> all = new ArrayList<>();
        new TreeMap<>(labels).forEach((name, value) -> all.add(name + "=" + value));
        return String.join(",", all);
    }

    private void add(AuthorizationPolicy policy, String destination) {
        String asked = policy.action() == Action.CUSTOM ? " (" + policy.provider() + ")" : "";
        String action = policy.action() + asked + (policy.isDryRun() ? " (dry run)" : "");
        String place = policy.meta().at().file() + ":" + policy.meta().at().line();
        for (int i = 0; i < policy.rules().size(); i++) {
            Rule rule = policy.rules().get(i);
            List<String> sources = rule.from().isEmpty()
                    ? List.of(ANYONE)
                    : rule.from().stream().map(PolicyTable::source).toList();
            List<String> requests = rule.to().isEmpty()
                    ? List.of(ANYTHING)
                    : rule.to().stream().map(PolicyTable::request).toList();
            String when = String.join(
                    "; ", rule.when().stream().map(PolicyTable::condition).toList());
            String name = policy.meta().qualifiedName() + "[" + i + "]";
            String at = rule.at().file() + ":" + rule.at().line();
            for (String source : sources) {
                requests.forEach(request -> rows.add(new Row(destination, action, source, request, when, name, at)));
            }
        }
        if (policy.rules().isEmpty()) {
            rows.add(new Row(
                    destination, action, "nobody", "nothing", "", policy.meta().qualifiedName(), place));
        }
    }

    private static String source(Source source) {
        List<String> parts = new ArrayList<>();
        add(parts, "", source.principals());
        add(parts, "token ", source.requestPrincipals());
        add(parts, "namespace ", source.namespaces());
        add(parts, "service account ", source.serviceAccounts());
        add(parts, "trust domain ", source.trustDomains());
        add(parts, "peer ", source.ipBlocks());
        add(parts, "client ", source.remoteIpBlocks());
        return parts.isEmpty() ? ANYONE : String.join(" and ", parts);
    }

    private static String request(Operation operation) {
        List<String> parts = new ArrayList<>();
        add(parts, "", operation.methods());
        add(parts, "", operation.paths());
        add(parts, "host ", operation.hosts());
        add(parts, "port ", operation.ports());
        return parts.isEmpty() ? ANYTHING : String.join(" ", parts);
    }

    private static String condition(Condition condition) {
        List<String> parts = new ArrayList<>();
        add(parts, condition.key() + " ", condition.values());
        return String.join(" and ", parts);
    }

    private static void add(List<String> parts, String name, Values values) {
        if (!values.any().isEmpty()) {
            parts.add(name + String.join("|", values.any()));
        }
        if (!values.none().isEmpty()) {
            parts.add("not " + name + String.join("|", values.none()));
        }
    }

    public void print(PrintWriter out) {
        if (rows.isEmpty()) {
            out.println("no AuthorizationPolicy applies: everybody may call everything");
            return;
        }
        TextTable table = new TextTable("DESTINATION", "ACTION", "SOURCE", "METHODS AND PATHS", "WHEN", "POLICY");
        for (Row row : rows) {
            String policy = row.policy.isEmpty() ? "" : row.policy + " (" + row.place + ")";
            table.row(row.destination, row.action, row.source, row.request, row.when, policy);
        }
        table.print(out);
    }

    /// An array of objects.
    public String json() {
        JsonArray all = new JsonArray();
        for (Row row : rows) {
            all.add(new JsonObject()
                    .put("destination", row.destination)
                    .put("action", row.action)
                    .put("source", row.source)
                    .put("request", row.request)
                    .put("when", row.when.isEmpty() ? null : row.when)
                    .put("policy", row.policy.isEmpty() ? null : row.policy)
                    .put("place", row.place.isEmpty() ? null : row.place));
        }
        return all.encode();
    }
}
