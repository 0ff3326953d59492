package io.sallyport.config.index;

import io.sallyport.config.index.HostResolution.MeshService;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// DestinationRules by host, with Istio's order of look-up: the client's namespace, the service's, the root namespace;
/// within each the most specific host. What that host's rules say stays hidden where none of them is exported to this
/// instance, and the namespace's rules for wider hosts with it (Istio `getExportedDestinationRuleFromNamespace`).
public final class DestinationRuleIndex {
    /// What a namespace says to itself, by namespace.
    private final Map<String, HostMap<DestinationRule>> local = new HashMap<>();
    /// What a namespace says to others: by host, the rule for this instance, empty where it is for other namespaces.
    private final Map<String, HostMap<Optional<DestinationRule>>> exported = new HashMap<>();
    private final HostMap<DestinationRule> all = new HostMap<>();

    private final List<DestinationRule> namingCredentials;
    private final InstanceScope scope;
    private final HostResolution hosts;
    private final ServiceEntryIndex services;

    DestinationRuleIndex(
            Collection<DestinationRule> rules, InstanceScope scope, HostResolution hosts, ServiceEntryIndex services) {
        this.scope = scope;
        this.hosts = hosts;
        this.services = services;
        this.namingCredentials =
                rules.stream().filter(CredentialReferences::names).toList();
        Map<String, Merger> localRules = new HashMap<>();
        Map<String, Merger> exportedRules = new HashMap<>();
        for (DestinationRule rule : MergeOrder.sorted(rules)) {
            String namespace = rule.meta().namespace();
            String host = hosts.fullyQualified(rule.host(), namespace);
            all.add(host, rule);
            if (!selects(rule)) {
                continue;
            }
            if (isLocal(rule)) {
                localRules.computeIfAbsent(namespace, key -> new Merger()).add(host, rule);
            }
            // A rule for selected workloads never leaves its namespace.
            if (rule.workloadSelector() == null && !ExportTo.isPrivate(rule.exportTo(), namespace)) {
                Merger merger = exportedRules.computeIfAbsent(namespace, key -> new Merger());
                merger.name(host);
                if (ExportTo.isVisible(rule.exportTo(), namespace, scope.namespace())) {
                    merger.add(host, rule);
                }
            }
        }
        localRules.forEach((namespace, merger) -> local.put(namespace, merger.merged()));
        exportedRules.forEach((namespace, merger) -> exported.put(namespace, merger.mergedOrHidden()));
    }

    /// In the root namespace only what is meant for nobody else counts as local: the rest is everybody's default, which
    /// must not hide what a service's own namespace says.
    private boolean isLocal(DestinationRule rule) {
        String namespace = rule.meta().namespace();
        return namespace.equals(scope.namespace())
                && ExportTo.isVisible(rule.exportTo(), namespace, namespace)
                && (!namespace.equals(scope.rootNamespace()) || ExportTo.isPrivate(rule.exportTo(), namespace));
    }

    private boolean selects(DestinationRule rule) {
        Map<String, String> selector = rule.workloadSelector();
        return selector == null || scope.carries(selector);
    }

    /// The rule for a host given by its full name, or null. Where several rules of a namespace name one host, this is
    /// what they merge to: the first one with a traffic policy gives it, subsets add up and the first of a name
    /// stays.
    public @Nullable DestinationRule find(String fullName) {
        DestinationRule rule = lookUp(local, scope.namespace(), fullName);
        if (rule == null) {
            String namespace = serviceNamespace(fullName);
            rule = namespace == null ? null : exportedBy(namespace, fullName);
        }
        return rule != null ? rule : exportedBy(scope.rootNamespace(), fullName);
    }

    /// The hosts of all rules that count for this instance, in full: names and wildcards. With those whose rules hide
    /// others.
    public Set<String> hosts() {
        Set<String> all = new LinkedHashSet<>();
        Stream.of(local, exported)
                .flatMap(rules -> rules.values().stream())
                .forEach(ofNamespace -> ofNamespace.patterns().forEach(all::add));
        return all;
    }

    /// The rules that name secrets.
    List<DestinationRule> namingCredentials() {
        return namingCredentials;
    }

    /// The namespaces whose rules hold for services of their own alone.
    public Set<String> namespaces() {
        return exported.keySet();
    }

    /// Every rule whose host covers the name, wherever it stands and whoever may see it, in merge order; most specific
    /// host only. For messages about a rule that exists and does not apply.
    public List<DestinationRule> findHidden(String fullName) {
        return all.mostSpecific(fullName);
    }

    private @Nullable String serviceNamespace(String fullName) {
        ServiceEntry entry = services.find(fullName);
        if (entry != null) {
            return entry.meta().namespace();
        }
        MeshService service = hosts.meshService(fullName);
        return service == null ? null : service.namespace();
    }

    private static @Nullable DestinationRule lookUp(
            Map<String, HostMap<DestinationRule>> rules, String namespace, String host) {
        HostMap<DestinationRule> ofNamespace = rules.get(namespace);
        return ofNamespace == null ? null : ofNamespace.first(host);
    }

    private @Nullable DestinationRule exportedBy(String namespace, String host) {
        HostMap<Optional<DestinationRule>> ofNamespace = exported.get(namespace);
        Optional<DestinationRule> rule = ofNamespace == null ? null : ofNamespace.first(host);
        return rule == null ? null : rule.orElse(null);
    }

    /// Makes one rule of several for one host in one namespace, in merge order.
    private static final class Merger {
        private final Map<String, List<DestinationRule>> byHost = new LinkedHashMap<>();

        void name(String host) {
            byHost.computeIfAbsent(host, key -> new ArrayList<>(1));
        }

        void add(String host, DestinationRule rule) {
            byHost.computeIfAbsent(host, key -> new ArrayList<>(1)).add(rule);
        }

        HostMap<DestinationRule> merged() {
            HostMap<DestinationRule> map = new HostMap<>();
            byHost.forEach((host, rules) -> map.add(host, merge(rules)));
            return map;
        }

        /// Of a host that is only named, empty.
        HostMap<Optional<DestinationRule>> mergedOrHidden() {
            HostMap<Optional<DestinationRule>> map = new HostMap<>();
            byHost.forEach(
                    (host, rules) -> map.add(host, rules.isEmpty() ? Optional.empty() : Optional.of(merge(rules))));
            return map;
        }

        private static DestinationRule merge(List<DestinationRule> rules) {
            // A rule for this very workload replaces those for all.
            List<DestinationRule> selecting = rules.stream()
                    .filter(rule -> rule.workloadSelector() != null)
                    .toList();
            List<DestinationRule> counted = selecting.isEmpty() ? rules : selecting;
            DestinationRule first = counted.getFirst();
            if (counted.size() == 1) {
                return first;
            }
            TrafficPolicy policy = null;
            List<Subset> subsets = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (DestinationRule rule : counted) {
                policy = policy == null ? rule.trafficPolicy() : policy;
                rule.subsets().stream()
                        .filter(subset -> names.add(subset.name()))
                        .forEach(subsets::add);
            }
            return new DestinationRule(
                    first.meta(), first.host(), policy, subsets, first.exportTo(), first.workloadSelector());
        }
    }
}
