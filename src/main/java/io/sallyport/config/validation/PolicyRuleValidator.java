package io.sallyport.config.validation;

import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Condition;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Source;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.Suggestion;
import io.sallyport.jwt.ClaimPath;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/// One rule of an AuthorizationPolicy: its sources, operations and conditions.
final class PolicyRuleValidator {
    private static final Set<String> PSEUDO_HEADERS = Set.of(":authority", ":method", ":path", ":scheme");

    private static final String HEADERS = "request.headers";
    private static final String TOKEN = "request.auth.";
    private static final String PRINCIPAL = "request.auth.principal";
    private static final String AUDIENCES = "request.auth.audiences";
    private static final String PRESENTER = "request.auth.presenter";
    private static final String FILTERS = "experimental.envoy.filters.";

    private static final List<String> KEYS = List.of(
            HEADERS,
            "source.ip",
            "remote.ip",
            "source.namespace",
            "source.principal",
            "source.serviceAccount",
            "source.trustDomain",
            PRINCIPAL,
            AUDIENCES,
            PRESENTER,
            ClaimPath.CONDITION,
            "destination.ip",
            "destination.port",
            "connection.sni");

    private PolicyRuleValidator() {}

    static void validate(Rule rule, Action action, Place place) {
        notEmpty(rule.from(), place.field("from"));
        notEmpty(rule.to(), place.field("to"));
        notEmpty(rule.when(), place.field("when"));
        for (int i = 0; i < rule.from().size(); i++) {
            Place source = place.field("from").index(i).field("source");
            if (source.isPresent()) {
                source(rule.from().get(i), action, source);
            }
        }
        for (int i = 0; i < rule.to().size(); i++) {
            Place operation = place.field("to").index(i).field("operation");
            if (operation.isPresent()) {
                operation(rule.to().get(i), operation);
            }
        }
        for (int i = 0; i < rule.when().size(); i++) {
            condition(rule.when().get(i), action, place.field("when").index(i));
        }
    }

    /// A list that is written and empty would make the rule apply to everything.
    private static void notEmpty(List<?> list, Place place) {
        if (place.node() != null && list.isEmpty()) {
            String message = "the list is empty, so it restricts nothing";
            place.report(ProblemCode.EMPTY_RULE, message, "give an element, or delete the field");
        }
    }

    private static void source(Source source, Action action, Place place) {
        Stream<Values> all = Stream.of(
                source.principals(),
                source.requestPrincipals(),
                source.namespaces(),
                source.serviceAccounts(),
                source.trustDomains(),
                source.ipBlocks(),
                source.remoteIpBlocks());
        if (all.allMatch(Values::isEmpty)) {
            place.report(ProblemCode.EMPTY_RULE, "the source is empty", "say who, or delete from");
            return;
        }
        boolean named = !source.principals().isEmpty() || !source.namespaces().isEmpty();
        if (named && !source.serviceAccounts().isEmpty()) {
            String message = "serviceAccounts cannot be given together with principals or namespaces";
            place.report(ProblemCode.BAD_SERVICE_ACCOUNT, message, "divide the source in two");
        }
        if (action == Action.CUSTOM) {
            notWithCustom(source.principals(), "principals", "notPrincipals", place);
            notWithCustom(source.namespaces(), "namespaces", "notNamespaces", place);
            notWithCustom(source.serviceAccounts(), "serviceAccounts", "notServiceAccounts", place);
            notWithCustom(source.trustDomains(), "trustDomains", "notTrustDomains", place);
            notWithCustom(source.requestPrincipals(), "requestPrincipals", "notRequestPrincipals", place);
        }
        each(source.principals(), place, "principals", "notPrincipals", PolicyValueChecks::principal);
        each(
                source.requestPrincipals(),
                place,
                "requestPrincipals",
                "notRequestPrincipals",
                PolicyValueChecks::requestPrincipal);
        each(source.namespaces(), place, "namespaces", "notNamespaces", (_, _) -> {});
        serviceAccounts(source.serviceAccounts(), place, "serviceAccounts", "notServiceAccounts");
        each(source.trustDomains(), place, "trustDomains", "notTrustDomains", PolicyValueChecks::trustDomain);
        each(source.ipBlocks(), place, "ipBlocks", "notIpBlocks", Checks::range);
        each(source.remoteIpBlocks(), place, "remoteIpBlocks", "notRemoteIpBlocks", Checks::range);
    }

    private static void notWithCustom(Values values, String any, String none, Place source) {
        for (String name : List.of(any, none)) {
            if (!(name.equals(any) ? values.any() : values.none()).isEmpty()) {
                noIdentity(name, source.field(name));
            }
        }
    }

    private static void noIdentity(String name, Place place) {
        String message = name + " cannot be given with the action CUSTOM, which comes before identities are known";
        place.report(ProblemCode.BAD_CUSTOM, message, "use addresses, hosts, ports, methods, paths or headers");
    }

    private static void operation(Operation operation, Place place) {
        Stream<Values> all = Stream.of(operation.hosts(), operation.ports(), operation.methods(), operation.paths());
        if (all.allMatch(Values::isEmpty)) {
            place.report(ProblemCode.EMPTY_RULE, "the operation is empty", "say what, or delete to");
            return;
        }
        each(operation.hosts(), place, "hosts", "notHosts", PolicyValueChecks::text);
        each(operation.ports(), place, "ports", "notPorts", PolicyValueChecks::port);
        each(operation.methods(), place, "methods", "notMethods", PolicyValueChecks::method);
        each(operation.paths(), place, "paths", "notPaths", PolicyValueChecks::path);
    }

    private static void condition(Condition condition, Action action, Place place) {
        String key = condition.key();
        Values values = condition.values();
        if (key.isEmpty()) {
            return;
        }
        if (values.isEmpty()) {
            String message = "the condition has neither values nor notValues";
            place.report(ProblemCode.EMPTY_RULE, message, "give one of the two, or delete the condition");
            return;
        }
        if (action == Action.CUSTOM && isIdentity(key)) {
            noIdentity(key, place.field("key"));
        }
        switch (key) {
            case "source.ip", "remote.ip", "destination.ip" -> each(values, place, Checks::range);
            case "destination.port" -> each(values, place, PolicyValueChecks::port);
            case "source.principal" -> each(values, place, PolicyValueChecks::principal);
            case "source.trustDomain" -> each(values, place, PolicyValueChecks::trustDomain);
            case "source.serviceAccount" -> serviceAccounts(values, place, "values", "notValues");
            case "source.namespace" -> each(values, place, (_, _) -> {});
            case PRINCIPAL -> each(values, place, PolicyValueChecks::requestPrincipal);
            case "connection.sni", AUDIENCES, PRESENTER -> each(values, place, PolicyValueChecks::text);
            default -> {
                key(key, place.field("key"));
                each(values, place, PolicyValueChecks::text);
            }
        }
    }

    private static boolean isIdentity(String key) {
        return key.startsWith(TOKEN)
                || List.of("source.namespace", "source.principal", "source.serviceAccount", "source.trustDomain")
                        .contains(key);
    }

    /// A key that is not one of those without a name in brackets.
    private static void key(String key, Place place) {
        int bracket = key.indexOf('[');
        String base = bracket < 0 ? key : key.substring(0, bracket);
        if (base.equals(HEADERS)) {
            header(key, place);
        } else if (base.equals(ClaimPath.CONDITION)) {
            if (ClaimPath.ofCondition(key).isEmpty()) {
                String message = Quote.of(key) + " does not name a claim";
                place.report(ProblemCode.BAD_CLAIM, message, "write " + ClaimPath.CONDITION + "[name]");
            }
        } else if (key.startsWith(FILTERS)) {
            AuthorizationPolicyValidator.unsupported("the condition " + Quote.of(key), place);
        } else {
            String hint =
                    switch (base) {
                        case "destination.labels" -> "use selector.matchLabels";
                        case "destination.namespace" -> "put the policy into that namespace";
                        case "destination.name", "destination.user" -> "use selector or targetRefs";
                        default -> Suggestion.didYouMean(base, KEYS);
                    };
            place.report(
                    ProblemCode.UNKNOWN_CONDITION,
                    "there is no condition " + Quote.of(key),
                    hint != null ? hint : "one of " + String.join(", ", KEYS));
        }
    }

    private static void header(String key, Place place) {
        int bracket = key.indexOf('[');
        String name = bracket < 0 || !key.endsWith("]") ? "" : key.substring(bracket + 1, key.length() - 1);
        if (name.isEmpty()) {
            String message = Quote.of(key) + " does not name a header";
            place.report(ProblemCode.UNKNOWN_CONDITION, message, "write request.headers[name]");
        } else if (!HeaderChecks.isName(name) && !PSEUDO_HEADERS.contains(name)) {
            place.report(ProblemCode.BAD_HEADER_NAME, Quote.of(name) + " is not a header's name");
        }
    }

    private static void serviceAccounts(Values values, Place place, String any, String none) {
        PolicyValueChecks.serviceAccountCount(values.any(), place.field(any));
        PolicyValueChecks.serviceAccountCount(values.none(), place.field(none));
        each(values, place, any, none, PolicyValueChecks::serviceAccount);
    }

    private static void each(Values values, Place place, BiConsumer<String, Place> check) {
        each(values, place, "values", "notValues", check);
    }

    private static void each(Values values, Place place, String any, String none, BiConsumer<String, Place> check) {
        each(values.any(), place.field(any), check);
        each(values.none(), place.field(none), check);
    }

    private static void each(List<String> values, Place place, BiConsumer<String, Place> check) {
        if (place.node() != null && values.isEmpty()) {
            String message = "the list is empty, so it restricts nothing";
            place.report(ProblemCode.EMPTY_VALUES, message, "give a value, or delete the field");
        }
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i).isEmpty()) {
                place.index(i).report(ProblemCode.EMPTY_RULE, "the value is empty", "delete it; * is any value");
            } else {
                check.accept(values.get(i), place.index(i));
            }
        }
    }
}
