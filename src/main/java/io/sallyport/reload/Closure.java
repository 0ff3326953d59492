package io.sallyport.reload;

import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.index.Withheld;
import io.sallyport.config.model.AttachedPolicy;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.problem.ProblemCode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What must not be served because a resource that protects it is left out.
///
/// @param resources to be compiled besides what is served: policies that deny all that an unreadable one would
///     have been asked about, and what keeps the hosts of others from falling to wider ones
/// @param withheld what must not be reached
record Closure(List<Resource> resources, Withheld withheld) {
    private static final Set<ResourceKind> POLICIES = EnumSet.of(
            ResourceKind.AUTHORIZATION_POLICY, ResourceKind.REQUEST_AUTHENTICATION, ResourceKind.PEER_AUTHENTICATION);

    private static final String ALL_HOSTS = "*";

    /// Whether all that is left out may be missed.
    boolean isEmpty() {
        return resources.isEmpty() && withheld.isEmpty();
    }

    /// Whether resources of that kind keep others from being reached otherwise than they say.
    static boolean protects(ResourceKind kind) {
        return POLICIES.contains(kind) || kind == ResourceKind.DESTINATION_RULE;
    }

    /// @param served what counts of the selection
    /// @param scope of the instance
    /// @param portMap ports that it binds in place of others
    static Closure of(Selection selection, Configuration served, InstanceScope scope, Map<Integer, Integer> portMap) {
        Builder builder = new Builder(selection, served, scope, portMap);
        selection.leftOut().forEach(builder::add);
        selection.illegible().forEach(builder::add);
        return builder.build();
    }

    private static final class Builder {
        private final Selection selection;
        private final Configuration served;
        private final InstanceScope scope;
        private final Placeholders placeholders;
        private final LostGateways gateways;
        private final List<Resource> resources = new ArrayList<>();
        private final List<DestinationRule> rules = new ArrayList<>();
        private final List<ServiceEntry> entries = new ArrayList<>();
        private boolean wildcards;

        Builder(Selection selection, Configuration served, InstanceScope scope, Map<Integer, Integer> portMap) {
            this.selection = selection;
            this.served = served;
            this.scope = scope;
            placeholders = new Placeholders(served);
            gateways = new LostGateways(served, scope, portMap);
        }

        Closure build() {
            resources.addAll(entries);
            return new Closure(resources, new Withheld(rules, entries, wildcards));
        }

        void add(Choice leftOut) {
            boolean missed = selection.isMissed(leftOut);
            switch (leftOut.kind()) {
                case AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, PEER_AUTHENTICATION -> addPolicy(leftOut);
                case VIRTUAL_SERVICE -> addRoutes(leftOut, missed);
                case SERVICE_ENTRY -> addEntry(leftOut, missed);
                case DESTINATION_RULE -> addRule(leftOut, missed);
                case GATEWAY -> resources.addAll(gateways.denials(leftOut, missed));
                default -> {}
            }
        }

        private void addPolicy(Choice leftOut) {
            boolean enforced =
                    !(leftOut.written().resource() instanceof AuthorizationPolicy policy && policy.isDryRun());
            if (enforced) {
                resources.add(denial(leftOut));
            }
        }

        private void addRoutes(Choice leftOut, boolean missed) {
            resources.add(placeholders.of(leftOut, missed));
            if (missed && !Placeholders.knowsHosts(leftOut)) {
                String name = leftOut.meta().name();
                resources.add(denialOfWildcards(name, leftOut.meta().at(), served, scope));
            }
        }

        private void addEntry(Choice leftOut, boolean missed) {
            ServiceEntry written = leftOut.written().resource() instanceof ServiceEntry entry ? entry : null;
            ServiceEntry placeholder = written == null ? null : placeholders.of(leftOut, written);
            if (placeholder != null) {
                entries.add(placeholder);
            }
            boolean known = written != null && !written.hosts().isEmpty() && leftOut.isReadable("spec.hosts");
            wildcards |= missed && !known;
        }

        private void addRule(Choice leftOut, boolean missed) {
            DestinationRule rule = leftOut.written().resource() instanceof DestinationRule written ? written : null;
            if (rule != null && leftOut.written().complete() && !ordersTls(rule)) {
                return;
            }
            if (rule != null && leftOut.isReadable("spec.host") && !rule.host().isEmpty()) {
                rules.add(rule);
            } else if (missed) {
                String name = leftOut.meta().name();
                rules.add(
                        rule(name, scope.namespace(), ALL_HOSTS, leftOut.meta().at()));
            }
        }

        void add(Selection.Illegible file) {
            boolean missed = selection.isMissed(file);
            namespaces(file, missed, scope.rootNamespace())
                    .forEach(namespace -> resources.add(denial(file, namespace)));
            Position at = file.because().at();
            if (missed && hides(file, ResourceKind.VIRTUAL_SERVICE)) {
                resources.add(denialOfWildcards(at.fileName(), at, served, scope));
            }
            if (missed && hides(file, ResourceKind.GATEWAY)) {
                resources.addAll(gateways.denials(at.fileName(), at));
            }
            wildcards |= missed && hides(file, ResourceKind.SERVICE_ENTRY);
            rules.addAll(rules(file, missed, scope));
        }
    }

    /// Nobody knows which hosts a VirtualService would have taken from those with wildcards: only hosts that
    /// others name in full are served.
    private static AuthorizationPolicy denialOfWildcards(
            String name, Position at, Configuration served, InstanceScope scope) {
        List<String> named = served.virtualServices().stream()
                .flatMap(service -> service.hosts().stream())
                .filter(host -> !host.startsWith("*"))
                .flatMap(Denials::withPorts)
                .toList();
        Operation others = new Operation(new Values(List.of(), named), Values.NONE, Values.NONE, Values.NONE, at);
        Rule rule = new Rule(List.of(), named.isEmpty() ? List.of() : List.of(others), List.of(), at);
        return Denials.of(scope.namespace(), name, null, List.of(), List.of(rule), at);
    }

    /// Whether the file speaks of more resources of that kind than can be read.
    private static boolean hides(Selection.Illegible file, ResourceKind kind) {
        long read = file.file() == null
                ? 0
                : file.file().items().stream()
                        .filter(item -> item.meta().kind() == kind)
                        .count();
        return file.findings().kinds().getOrDefault(kind.istioName(), 0) > read;
    }

    private static AuthorizationPolicy denial(Choice leftOut) {
        ResourceMeta meta = leftOut.meta();
        // It is certain what the policy is for.
        boolean certain =
                Stream.of("spec.selector", "spec.targetRef", "spec.targetRefs").allMatch(leftOut::isReadable);
        Resource scope = certain ? leftOut.written().resource() : null;
        return Denials.of(
                meta.namespace(),
                meta.name(),
                switch (scope) {
                    case AttachedPolicy policy -> policy.selector();
                    case PeerAuthentication peers -> peers.selector();
                    case null, default -> null;
                },
                scope instanceof AttachedPolicy policy ? policy.targets() : List.of(),
                List.of(everything(meta.at())),
                meta.at());
    }

    private static AuthorizationPolicy denial(Selection.Illegible file, String namespace) {
        return Denials.of(
                namespace,
                Position.of(file.name()).fileName(),
                null,
                List.of(),
                List.of(everything(file.because().at())),
                file.because().at());
    }

    private static Rule everything(Position at) {
        return new Rule(List.of(), List.of(), List.of(), at);
    }

    /// The namespaces for which the file may have policies: of a document that speaks of one, its namespace, or
    /// where it names none, all. What is in a file that cannot be opened may have protected everything, unless the
    /// gateway has served without it.
    private static Set<String> namespaces(Selection.Illegible file, boolean missed, String all) {
        if (missed && (file.file() == null || file.because().code() == ProblemCode.FILE_TOO_LARGE)) {
            String known = file.namespace();
            return Set.of(known == null ? all : known);
        }
        if (file.file() == null) {
            return Set.of();
        }
        Set<String> found = new TreeSet<>();
        String known = file.namespace();
        for (Optional<String> named : file.findings().policies()) {
            found.add(known == null ? named.orElse(all) : known);
        }
        return found;
    }

    /// The DestinationRules that a file may have which nobody can read, with the hosts that it names, in its
    /// document's namespace and this instance's. One whose host is not to be found may be for any.
    private static List<DestinationRule> rules(Selection.Illegible file, boolean missed, InstanceScope scope) {
        List<DestinationRule> rules = new ArrayList<>();
        Position at = file.because().at();
        for (TextFindings.Rules found : file.findings().rules()) {
            String known = file.namespace();
            String namespace = known == null ? found.namespace().orElse(null) : known;
            for (String host : found.hosts()) {
                rules.add(rule(file.name(), scope.namespace(), host, at));
                if (namespace != null && host.indexOf('.') < 0) {
                    String full = host + "." + namespace + ".svc." + scope.clusterDomain();
                    rules.add(rule(file.name(), scope.namespace(), full, at));
                }
            }
            if (missed && !found.all()) {
                rules.add(rule(file.name(), scope.namespace(), ALL_HOSTS, at));
            }
        }
        return rules;
    }

    private static DestinationRule rule(String name, String namespace, String host, Position at) {
        ResourceMeta meta = Denials.meta(ResourceKind.DESTINATION_RULE, name, namespace, at);
        return new DestinationRule(meta, host, null, List.of(), List.of(), null);
    }

    private static boolean ordersTls(DestinationRule rule) {
        return ordersTls(rule.trafficPolicy())
                || rule.subsets().stream().map(Subset::trafficPolicy).anyMatch(Closure::ordersTls);
    }

    private static boolean ordersTls(@Nullable TrafficPolicy policy) {
        return policy != null
                && (isOrder(policy.tls())
                        || policy.tunnel() != null
                        || policy.portLevelSettings().stream().anyMatch(port -> isOrder(port.tls())));
    }

    private static boolean isOrder(@Nullable ClientTlsSettings tls) {
        return tls != null && tls.mode() != ClientTlsSettings.Mode.DISABLE;
    }
}
