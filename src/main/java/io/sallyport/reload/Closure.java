package io.sallyport.reload;

import io.sallyport.config.FileResources.Item;
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
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
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
    private static final Pattern HOST = Pattern.compile("\\bhost[\"']?\\s*:\\s*[\"']?([A-Za-z0-9.*-]+)");

    private static final Pattern NAMESPACE =
            Pattern.compile("[\"']?namespace[\"']?\\s*:\\s*[\"']?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![a-z0-9.-])");

    /// Whether all that is left out may be missed.
    boolean isEmpty() {
        return resources.isEmpty() && withheld.rules().isEmpty();
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
                if (selection.isFirst() && !placeholders.knowsHosts(choice)) {
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
                rules.add(rule);
            }
        });
        for (Selection.Illegible file : selection.illegible()) {
            namespaces(file, selection.isFirst(), scope.rootNamespace())
                    .forEach(namespace -> resources.add(denial(file, namespace)));
            if (selection.isFirst() && hidesRoutes(file)) {
                Position at = file.because().at();
                resources.add(denialOfWildcards(at.fileName(), at, served, scope));
            }
            rules.addAll(rules(file, scope.namespace()));
        }
        resources.addAll(entries);
        return new Closure(resources, new Withheld(rules, entries));
    }

    /// Nobody knows which hosts a VirtualService would have taken from those with wildcards: only hosts that
    /// others name in full are served.
    private static AuthorizationPolicy denialOfWildcards(
            String name, Position at, List<Resource> served, InstanceScope scope) {
        List<String> named = served.stream()
                .filter(VirtualService.class::isInstance)
                .flatMap(service -> ((VirtualService) service).hosts().stream())
                .filter(host -> !host.startsWith("*"))
                .flatMap(host -> Stream.of(host, host + ":*"))
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
        ResourceMeta meta = new ResourceMeta(
                ResourceKind.AUTHORIZATION_POLICY,
                ResourceKind.AUTHORIZATION_POLICY.group().domain() + "/v1",
                name,
                namespace,
                Map.of(),
                Map.of(),
                rule.at());
        return new AuthorizationPolicy(meta, selector, targets, Action.DENY, "", List.of(rule));
    }

    private static Rule everything(Position at) {
        return new Rule(List.of(), List.of(), List.of(), at);
    }

    /// The namespaces for which the file may have policies: of a document that speaks of one, its namespace, or
    /// where it names none, all. What is in a file that cannot be opened may have protected everything, unless the
    /// gateway has served without it.
    private static Set<String> namespaces(Selection.Illegible file, boolean first, String all) {
        if (first && (file.file() == null || file.because().code() == ProblemCode.FILE_TOO_LARGE)) {
            return Set.of(all);
        }
        if (file.file() == null) {
            return Set.of();
        }
        Set<String> found = new TreeSet<>();
        for (String document : DOCUMENT.split(file.text())) {
            if (POLICY.matcher(document).find()) {
                List<String> named = NAMESPACE
                        .matcher(metadata(document))
                        .results()
                        .map(match -> match.group(1))
                        .distinct()
                        .toList();
                found.add(named.size() == 1 ? named.getFirst() : all);
            }
        }
        return found;
    }

    /// The DestinationRules that a file may have which nobody can read, with the hosts that it names.
    private static List<DestinationRule> rules(Selection.Illegible file, String namespace) {
        List<DestinationRule> rules = new ArrayList<>();
        for (String document : DOCUMENT.split(file.text())) {
            if (document.contains("DestinationRule") && ORDER.matcher(document).find()) {
                ResourceMeta meta = new ResourceMeta(
                        ResourceKind.DESTINATION_RULE,
                        ResourceKind.DESTINATION_RULE.group().domain() + "/v1",
                        file.name(),
                        namespace,
                        Map.of(),
                        Map.of(),
                        file.because().at());
                HOST.matcher(document)
                        .results()
                        .map(host -> new DestinationRule(meta, host.group(1), null, List.of(), List.of(), null))
                        .forEach(rules::add);
            }
        }
        return rules;
    }

    private static String metadata(String document) {
        int start = document.indexOf("metadata");
        int end = document.indexOf("spec", Math.max(start, 0));
        return start < 0 ? "" : end < 0 ? document.substring(start) : document.substring(start, end);
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
