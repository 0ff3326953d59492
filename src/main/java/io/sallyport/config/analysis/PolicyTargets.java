package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostResolution.MeshService;
import io.sallyport.config.model.AttachedPolicy;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServiceEntry.Location;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Policies that apply to nothing, as far as the configuration knows.
final class PolicyTargets implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        Collection<AttachedPolicy> policies = context.index().policies().attached();
        if (policies.isEmpty()) {
            return;
        }
        Workloads workloads = new Workloads(context.index());
        for (AttachedPolicy policy : policies) {
            for (int i = 0; i < policy.targets().size(); i++) {
                target(context, policy, policy.targets().get(i), i, workloads);
            }
            if (policy.targets().isEmpty() && !context.index().policies().selectsInstance(policy)) {
                workloads(context, policy, workloads);
            }
        }
    }

    /// What the configuration knows of the endpoints of each namespace.
    private static final class Workloads {
        private final Map<String, List<ServiceEntry>> entries = new HashMap<>();
        private final Set<String> names = new HashSet<>();
        /// Namespaces with services whose endpoints have labels that are not known here.
        private final Set<String> opaque = new HashSet<>();

        Workloads(ConfigurationIndex index) {
            for (ServiceEntry entry : index.configuration().serviceEntries()) {
                entries.computeIfAbsent(entry.meta().namespace(), _ -> new ArrayList<>())
                        .add(entry);
                names.add(entry.meta().qualifiedName());
            }
            index.serviceEntries()
                    .discovered()
                    .forEach(each -> opaque.add(each.meta().namespace()));
            for (VirtualService each : index.configuration().virtualServices()) {
                DestinationWalk.forEach(each, (destination, _) -> {
                    String host = index.hosts()
                            .fullyQualified(destination.host(), each.meta().namespace());
                    MeshService service = index.hosts().meshService(host);
                    if (service != null && index.serviceEntries().find(host) == null) {
                        opaque.add(service.namespace());
                    }
                });
            }
        }

        boolean isOpaque(@Nullable String namespace) {
            return namespace == null ? !opaque.isEmpty() : opaque.contains(namespace);
        }

        /// @param namespace null for all
        List<ServiceEntry> of(@Nullable String namespace) {
            return namespace == null
                    ? entries.values().stream().flatMap(List::stream).toList()
                    : entries.getOrDefault(namespace, List.of());
        }
    }

    private static void workloads(AnalysisContext context, AttachedPolicy policy, Workloads workloads) {
        String namespace =
                context.index().policies().isRoot(policy) ? null : policy.meta().namespace();
        List<ServiceEntry> entries = workloads.of(namespace);
        if (workloads.isOpaque(namespace) || !context.mayCompareMatches(entries.size())) {
            return;
        }
        Map<String, String> selector = policy.selector() == null ? Map.of() : policy.selector();
        ServiceEntry external = null;
        for (ServiceEntry entry : entries) {
            if (!mayCarry(entry, selector)) {
                continue;
            }
            if (entry.location() == Location.MESH_INTERNAL) {
                return;
            }
            external = external == null ? entry : external;
        }
        String where = namespace == null ? "the mesh" : "namespace " + Quote.of(namespace);
        String what = selector.isEmpty()
                ? policy.meta() + " is for " + where + ", in which no endpoints are known"
                : policy.meta() + " selects " + Quote.plain(new TreeMap<>(selector).toString())
                        + ", which neither this instance nor any endpoint known in " + where + " carries";
        String hint = external == null
                ? "mend the selector or the namespace, or use targetRefs"
                : external.meta() + " would fit, but is MESH_EXTERNAL: make it MESH_INTERNAL, or name it in targetRefs";
        context.report(
                ProblemCode.POLICY_WITHOUT_WORKLOADS,
                policy.meta().at(),
                selector.isEmpty() ? "metadata.namespace" : "spec.selector",
                what,
                hint);
    }

    private static boolean mayCarry(ServiceEntry entry, Map<String, String> labels) {
        return labels.isEmpty()
                || entry.workloadSelector() != null
                || entry.endpoints().stream().anyMatch(endpoint -> endpoint.carries(labels));
    }

    private static void target(
            AnalysisContext context, AttachedPolicy policy, TargetRef target, int number, Workloads workloads) {
        ConfigurationIndex index = context.index();
        String namespace = policy.meta().namespace();
        String name = namespace + "/" + target.name();
        switch (target.kind()) {
            case "Gateway" -> {
                if (index.gateways().get(name) == null) {
                    unknown(context, policy, target, number, index.gateways().names());
                }
            }
            case "ServiceEntry" -> {
                if (!workloads.names.contains(name)) {
                    unknown(context, policy, target, number, workloads.names);
                }
            }
            default -> {
                ServiceEntry entry = index.serviceEntries().find(index.hosts().serviceName(target.name(), namespace));
                if (entry != null && !entry.isService()) {
                    String message = policy.meta() + " does not apply to the Service " + Quote.of(target.name()) + ": "
                            + entry.meta() + " (" + entry.meta().at() + ") stands for it";
                    report(context, target, number, message, "attach the policy to the ServiceEntry");
                }
            }
        }
    }

    private static void unknown(
            AnalysisContext context, AttachedPolicy policy, TargetRef target, int number, Collection<String> names) {
        String name = policy.meta().namespace() + "/" + target.name();
        String message = policy.meta() + " is for " + target.kind() + " " + Quote.plain(name) + ", which is not there";
        String hint = context.didYouMean(name, names, "add it, or mend the name; the namespace is the policy's own");
        report(context, target, number, message, hint);
    }

    private static void report(
            AnalysisContext context, TargetRef target, int number, String message, @Nullable String hint) {
        String several = Fields.item("spec.targetRefs", number);
        context.report(ProblemCode.UNKNOWN_POLICY_TARGET, target.at(), several, message, hint);
    }
}
