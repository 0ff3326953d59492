package io.sallyport.reload;

import io.sallyport.config.FileResources.Item;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.index.Withheld;
import io.sallyport.config.model.AttachedPolicy;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.Server;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What must not be served because a resource that protects it is left out.
///
/// @param resources to be compiled besides what is served: policies that deny all that an unreadable one would
///     have been asked about, and what keeps the hosts of others from falling to wider ones
/// @param withheld what must not be reached
record Closure(List<Resource> resources, Withheld withheld) {
    private static final String LEFT_OUT = " (left out)";

    private static final Set<ResourceKind> POLICIES = EnumSet.of(
            ResourceKind.AUTHORIZATION_POLICY, ResourceKind.REQUEST_AUTHENTICATION, ResourceKind.PEER_AUTHENTICATION);

    /// A document of a file that cannot be read as YAML begins here.
    private static final Pattern DOCUMENT = Pattern.compile("(?m)^---");

    private static final Pattern POLICY = Pattern.compile(
            "security\\.istio\\.io|AuthorizationPolicy|RequestAuthentication|PeerAuthentication",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern ROUTES = Pattern.compile("\\bkind[\"']?\\s*:\\s*[\"']?VirtualService");

    private static final Pattern ORDER = Pattern.compile("\\btls\\b|\\btunnel\\b");
    private static final Pattern ANY_HOST = Pattern.compile("\\bhost[\"']?\\s*:");
    private static final Pattern HOST = Pattern.compile(ANY_HOST + "[ \\t]*[\"']?([A-Za-z0-9*][A-Za-z0-9.*-]*)");
    private static final String ALL_HOSTS = "*";

    private static final Pattern NAMESPACE =
            Pattern.compile("[\"']?namespace[\"']?\\s*:\\s*[\"']?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![a-z0-9.-])");

    /// Where these stand, the first `namespace` need not be the resource's.
    private static final Pattern UNCERTAIN = Pattern.compile("#|\\blabels\\b|\\bannotations\\b");

    /// Whether all that is left out may be missed.
    boolean isEmpty() {
        return resources.isEmpty() && withheld.rules().isEmpty();
    }

    /// Whether resources of that kind keep others from being reached otherwise than they say.
    static boolean protects(ResourceKind kind) {
        return POLICIES.contains(kind) || kind == ResourceKind.DESTINATION_RULE;
    }

    /// @param scope of the instance
    static Closure of(Selection selection, InstanceScope scope) {
        List<Resource> served = selection.resources();
        Placeholders placeholders = new Placeholders(selection.problems(), served);
        List<Resource> resources = new ArrayList<>();
        List<DestinationRule> rules = new ArrayList<>();
        List<ServiceEntry> entries = new ArrayList<>();
        selection.leftOut().forEach(choice -> {
            if (choice.written().resource() instanceof AuthorizationPolicy policy && policy.isDryRun()) {
                // It would not have been enforced.
                return;
            }
            if (POLICIES.contains(choice.kind())) {
                resources.add(denial(choice, selection.problems()));
            } else if (choice.kind() == ResourceKind.VIRTUAL_SERVICE) {
                resources.add(placeholders.of(choice));
                if (selection.isMissed(choice) && !placeholders.knowsHosts(choice)) {
                    String name = choice.meta().name();
                    resources.add(denialOfWildcards(name, choice.meta().at(), served, scope));
                }
            } else if (choice.written().resource() instanceof ServiceEntry entry) {
                ServiceEntry placeholder = placeholders.of(choice, entry);
                if (placeholder != null) {
                    entries.add(placeholder);
                }
            } else if (choice.written().resource() instanceof DestinationRule rule
                    && (!choice.written().complete() || ordersTls(rule))) {
                if (placeholders.isReadable(choice.meta().at(), "spec.host")
                        && !rule.host().isEmpty()) {
                    rules.add(rule);
                } else if (selection.isMissed(choice)) {
                    rules.add(rule(
                            choice.meta().name(),
                            scope.namespace(),
                            ALL_HOSTS,
                            choice.meta().at()));
                }
            } else if (choice.written().resource() instanceof Gateway gateway) {
                resources.addAll(denials(choice, gateway, served));
            }
        });
        for (Selection.Illegible file : selection.illegible()) {
            boolean missed = selection.isMissed(file);
            namespaces(file, missed, scope.rootNamespace())
                    .forEach(namespace -> resources.add(denial(file, namespace)));
            if (missed && hidesRoutes(file)) {
                Position at = file.because().at();
                resources.add(denialOfWildcards(at.fileName(), at, served, scope));
            }
            rules.addAll(rules(file, missed, scope));
        }
        resources.addAll(entries);
        return new Closure(resources, new Withheld(rules, entries));
    }

    /// The hosts for which a gateway that is left out may ask for client certificates: at the same port, no other
    /// gateway is to serve them without, unless it names them itself.
    private static List<AuthorizationPolicy> denials(Choice leftOut, Gateway lost, List<Resource> served) {
        List<AuthorizationPolicy> denials = new ArrayList<>();
        List<Gateway> others = served.stream()
                .filter(Gateway.class::isInstance)
                .map(Gateway.class::cast)
                .toList();
        for (Server server : lost.servers()) {
            if (mayAsk(server, leftOut.written().complete())) {
                Rule rule = hostsOf(server, others);
                others.stream()
                        .filter(other -> other.servers().stream().anyMatch(at -> endsTlsAt(at, server)))
                        .map(other -> denial(other, leftOut.meta().name() + LEFT_OUT, rule))
                        .forEach(denials::add);
            }
        }
        return denials;
    }

    /// What cannot be read of a mode is taken for none, which is PASSTHROUGH.
    private static boolean mayAsk(Server server, boolean complete) {
        ServerTlsSettings tls = server.tls();
        return tls != null
                && (tls.mode().asksForCertificate()
                        || (!complete
                                && tls.mode() == ServerTlsSettings.Mode.PASSTHROUGH
                                && server.port().protocol() == PortProtocol.HTTPS));
    }

    private static boolean endsTlsAt(Server server, Server other) {
        return server.port().number() == other.port().number()
                && server.tls() != null
                && server.tls().mode().terminates();
    }

    private static Rule hostsOf(Server lost, List<Gateway> others) {
        List<String> hosts = hosts(lost).toList();
        List<String> named = others.stream()
                .flatMap(other -> other.servers().stream())
                .filter(server -> server.port().number() == lost.port().number())
                .flatMap(Closure::hosts)
                .filter(host -> hosts.stream().anyMatch(wide -> HostPatterns.covers(wide, host)))
                .flatMap(Closure::withPorts)
                .toList();
        boolean wide = hosts.stream().anyMatch(host -> host.startsWith("*"));
        List<String> denied =
                wide ? List.of() : hosts.stream().flatMap(Closure::withPorts).toList();
        Values port = new Values(List.of(Integer.toString(lost.port().number())), List.of());
        Operation operation = new Operation(new Values(denied, named), port, Values.NONE, Values.NONE, lost.at());
        return new Rule(List.of(), List.of(operation), List.of(), lost.at());
    }

    private static AuthorizationPolicy denial(Gateway gateway, String name, Rule rule) {
        ResourceMeta meta = gateway.meta();
        TargetRef target = new TargetRef(
                ResourceKind.GATEWAY.group().domain(), ResourceKind.GATEWAY.istioName(), meta.name(), "", rule.at());
        return denial(meta.namespace(), name, null, List.of(target), rule);
    }

    /// Without the namespaces that they are for.
    private static Stream<String> hosts(Server server) {
        return server.hosts().stream().map(host -> host.substring(host.indexOf('/') + 1));
    }

    private static Stream<String> withPorts(String host) {
        return host.startsWith("*") ? Stream.of(host) : Stream.of(host, host + ":*");
    }

    /// Nobody knows which hosts a VirtualService would have taken from those with wildcards: only hosts that
    /// others name in full are served.
    private static AuthorizationPolicy denialOfWildcards(
            String name, Position at, List<Resource> served, InstanceScope scope) {
        List<String> named = served.stream()
                .filter(VirtualService.class::isInstance)
                .flatMap(service -> ((VirtualService) service).hosts().stream())
                .filter(host -> !host.startsWith("*"))
                .flatMap(Closure::withPorts)
                .toList();
        Operation others = new Operation(new Values(List.of(), named), Values.NONE, Values.NONE, Values.NONE, at);
        Rule rule = new Rule(List.of(), named.isEmpty() ? List.of() : List.of(others), List.of(), at);
        return denial(scope.namespace(), name + LEFT_OUT, null, List.of(), rule);
    }

    /// Whether the file speaks of more VirtualServices than can be read.
    private static boolean hidesRoutes(Selection.Illegible file) {
        long read = file.file() == null
                ? 0
                : file.file().items().stream()
                        .filter(item -> item.meta().kind() == ResourceKind.VIRTUAL_SERVICE)
                        .count();
        return ROUTES.matcher(file.text()).results().count() > read;
    }

    private static AuthorizationPolicy denial(Choice choice, List<Problem> problems) {
        ResourceMeta meta = choice.meta();
        Item written = choice.written();
        Resource scope = isScopeReadable(written, problems) ? written.resource() : null;
        return denial(
                meta.namespace(),
                meta.name() + LEFT_OUT,
                switch (scope) {
                    case AttachedPolicy policy -> policy.selector();
                    case PeerAuthentication peers -> peers.selector();
                    case null, default -> null;
                },
                scope instanceof AttachedPolicy policy ? policy.targets() : List.of(),
                everything(meta.at()));
    }

    /// Whether it is certain what the policy is for.
    private static boolean isScopeReadable(Item written, List<Problem> problems) {
        Position at = written.meta().at();
        return problems.stream()
                .filter(Problem::isError)
                .noneMatch(problem -> problem.code() == ProblemCode.TOO_MANY_PROBLEMS
                        || (problem.at().file().equals(at.file())
                                && (problem.field().contains("spec.selector")
                                        || problem.field().contains("spec.targetRef"))));
    }

    private static AuthorizationPolicy denial(Selection.Illegible file, String namespace) {
        return denial(
                namespace,
                Position.of(file.name()).fileName() + LEFT_OUT,
                null,
                List.of(),
                everything(file.because().at()));
    }

    private static AuthorizationPolicy denial(
            String namespace, String name, @Nullable Map<String, String> selector, List<TargetRef> targets, Rule rule) {
        ResourceMeta meta = meta(ResourceKind.AUTHORIZATION_POLICY, name, namespace, rule.at());
        return new AuthorizationPolicy(meta, selector, targets, Action.DENY, "", List.of(rule));
    }

    private static Rule everything(Position at) {
        return new Rule(List.of(), List.of(), List.of(), at);
    }

    /// The namespaces for which the file may have policies: of a document that speaks of one, its namespace, or
    /// where it names none, all. What is in a file that cannot be opened may have protected everything, unless the
    /// gateway has served without it.
    private static Set<String> namespaces(Selection.Illegible file, boolean missed, String all) {
        if (missed && (file.file() == null || file.because().code() == ProblemCode.FILE_TOO_LARGE)) {
            return Set.of(all);
        }
        if (file.file() == null) {
            return Set.of();
        }
        Set<String> found = new TreeSet<>();
        for (String document : DOCUMENT.split(file.text())) {
            if (POLICY.matcher(document).find()) {
                String named = namespace(document);
                found.add(named == null ? all : named);
            }
        }
        return found;
    }

    /// The DestinationRules that a file may have which nobody can read, with the hosts that it names, in its
    /// document's namespace and this instance's. One whose host is not to be found may be for any.
    private static List<DestinationRule> rules(Selection.Illegible file, boolean missed, InstanceScope scope) {
        List<DestinationRule> rules = new ArrayList<>();
        Position at = file.because().at();
        for (String document : DOCUMENT.split(file.text())) {
            if (document.contains("DestinationRule") && ORDER.matcher(document).find()) {
                List<String> hosts = HOST.matcher(document)
                        .results()
                        .map(host -> host.group(1))
                        .toList();
                String namespace = namespace(document);
                for (String host : hosts) {
                    rules.add(rule(file.name(), scope.namespace(), host, at));
                    if (namespace != null && host.indexOf('.') < 0) {
                        String full = host + "." + namespace + ".svc." + scope.clusterDomain();
                        rules.add(rule(file.name(), scope.namespace(), full, at));
                    }
                }
                boolean all =
                        !hosts.isEmpty() && ANY_HOST.matcher(document).results().count() == hosts.size();
                if (missed && !all) {
                    rules.add(rule(file.name(), scope.namespace(), ALL_HOSTS, at));
                }
            }
        }
        return rules;
    }

    private static DestinationRule rule(String name, String namespace, String host, Position at) {
        ResourceMeta meta = meta(ResourceKind.DESTINATION_RULE, name, namespace, at);
        return new DestinationRule(meta, host, null, List.of(), List.of(), null);
    }

    private static ResourceMeta meta(ResourceKind kind, String name, String namespace, Position at) {
        return new ResourceMeta(kind, kind.group().domain() + "/v1", name, namespace, Map.of(), Map.of(), at);
    }

    /// The one that a document names for the one resource that it has; null where that is not certain.
    private static @Nullable String namespace(String document) {
        int start = document.indexOf("metadata");
        if (start < 0 || document.indexOf("metadata", start + 1) > 0) {
            return null;
        }
        int end = document.indexOf("spec", start);
        String metadata = end < 0 ? document.substring(start) : document.substring(start, end);
        List<String> named = UNCERTAIN.matcher(metadata).find()
                ? List.of()
                : NAMESPACE
                        .matcher(metadata)
                        .results()
                        .map(match -> match.group(1))
                        .distinct()
                        .toList();
        return named.size() == 1 ? named.getFirst() : null;
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
