package io.sallyport.reload;

import io.sallyport.config.FileResources.Item;
import io.sallyport.config.model.AttachedPolicy;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import java.nio.charset.StandardCharsets;
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
/// @param denials policies that deny all that an unreadable one would have been asked about
/// @param rules DestinationRules that may order TLS: without them, what is meant to be encrypted would be sent in
///     plain text
record Closure(List<AuthorizationPolicy> denials, List<DestinationRule> rules) {
    private static final Set<ResourceKind> POLICIES = EnumSet.of(
            ResourceKind.AUTHORIZATION_POLICY, ResourceKind.REQUEST_AUTHENTICATION, ResourceKind.PEER_AUTHENTICATION);

    /// A document of a file that cannot be read as YAML begins here.
    private static final Pattern DOCUMENT = Pattern.compile("(?m)^---");

    private static final Pattern POLICY = Pattern.compile(
            "security\\.istio\\.io|AuthorizationPolicy|RequestAuthentication|PeerAuthentication",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern NAMESPACE =
            Pattern.compile("[\"']?namespace[\"']?\\s*:\\s*[\"']?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![a-z0-9.-])");

    /// @param rootNamespace whose policies are for everything
    boolean isEmpty() {
        return denials.isEmpty() && rules.isEmpty();
    }

    static Closure of(Selection selection, String rootNamespace) {
        List<AuthorizationPolicy> denials = new ArrayList<>();
        List<DestinationRule> rules = new ArrayList<>();
        Stream.concat(selection.choices().stream(), selection.duplicates().stream())
                .filter(choice -> choice.isLeftOut() && !selection.isHeld(choice.id()))
                .forEach(choice -> {
                    if (POLICIES.contains(choice.kind())) {
                        denials.add(denial(choice, selection.problems()));
                    } else if (choice.written().resource() instanceof DestinationRule rule
                            && (!choice.written().complete() || ordersTls(rule))) {
                        rules.add(rule);
                    }
                });
        for (Selection.Illegible file : selection.illegible()) {
            namespaces(file, rootNamespace).forEach(namespace -> denials.add(denial(file, namespace)));
        }
        return new Closure(denials, rules);
    }

    private static AuthorizationPolicy denial(Choice choice, List<Problem> problems) {
        ResourceMeta meta = choice.meta();
        Item written = choice.written();
        Resource scope = isScopeReadable(written, problems) ? written.resource() : null;
        return denial(
                meta.namespace(),
                meta.name() + " (left out)",
                switch (scope) {
                    case AttachedPolicy policy -> policy.selector();
                    case PeerAuthentication peers -> peers.selector();
                    case null, default -> null;
                },
                scope instanceof AttachedPolicy policy ? policy.targets() : List.of(),
                meta.at());
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
        String path = file.name();
        return denial(
                namespace,
                path.substring(path.lastIndexOf('/') + 1) + " (left out)",
                null,
                List.of(),
                file.because().at());
    }

    private static AuthorizationPolicy denial(
            String namespace,
            String name,
            @Nullable Map<String, String> selector,
            List<TargetRef> targets,
            Position at) {
        ResourceMeta meta = new ResourceMeta(
                ResourceKind.AUTHORIZATION_POLICY,
                ResourceKind.AUTHORIZATION_POLICY.group().domain() + "/v1",
                name,
                namespace,
                Map.of(),
                Map.of(),
                at);
        Rule everything = new Rule(List.of(), List.of(), List.of(), at);
        return new AuthorizationPolicy(meta, selector, targets, Action.DENY, "", List.of(everything));
    }

    /// The namespaces for which the file may have policies: of a document that speaks of one, its namespace, or
    /// where it names none, all. Of a file that nobody can read nothing is certain.
    private static Set<String> namespaces(Selection.Illegible file, String all) {
        boolean whole = file.file() != null && file.because().code() != ProblemCode.FILE_TOO_LARGE;
        if (!whole) {
            return Set.of(all);
        }
        // Other encodings of Latin letters have zeros between them.
        String text = new String(file.file().source().content(), StandardCharsets.ISO_8859_1).replace("\0", "");
        Set<String> found = new TreeSet<>();
        for (String document : DOCUMENT.split(text)) {
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
