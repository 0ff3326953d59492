package io.sallyport.config.analysis;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Condition;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.model.ExtensionProvider.ExternalAuthorizer;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.List;
import java.util.Map;

/// The ports of this instance that policies name, and those without HTTP at which policies with HTTP fields apply.
final class PolicyPorts implements Analyzer {
    private static final String PORT = "destination.port";
    private static final String HEADERS = "request.headers";

    @Override
    public void analyze(AnalysisContext context) {
        PolicyScope.Scopes scopes = new PolicyScope.Scopes(context);
        for (AuthorizationPolicy policy : context.index().policies().all()) {
            List<PolicyScope> ofPolicy = scopes.of(policy);
            for (int i = 0; i < policy.rules().size(); i++) {
                unbound(context, policy, ofPolicy, policy.rules().get(i), Fields.item("spec.rules", i));
            }
            for (PolicyScope scope : ofPolicy) {
                for (int i = 0; i < policy.rules().size(); i++) {
                    Rule rule = policy.rules().get(i);
                    String field = Fields.item("spec.rules", i);
                    moved(context, scope, rule, field);
                    if (context.mayCompareMatches(scope.tcp().size() * rule.to().size())) {
                        withoutHttp(context, policy, scope, rule, field);
                    }
                }
            }
        }
    }

    private static void moved(AnalysisContext context, PolicyScope scope, Rule rule, String field) {
        for (int i = 0; i < rule.to().size(); i++) {
            Operation operation = rule.to().get(i);
            String place = Fields.item(field + ".to", i) + ".operation.";
            moved(context, scope, operation.ports().any(), operation.at(), place + "ports");
            moved(context, scope, operation.ports().none(), operation.at(), place + "notPorts");
        }
        for (int i = 0; i < rule.when().size(); i++) {
            Condition condition = rule.when().get(i);
            if (condition.key().equals(PORT)) {
                String place = Fields.item(field + ".when", i);
                moved(context, scope, condition.values().any(), condition.at(), place + ".values");
                moved(context, scope, condition.values().none(), condition.at(), place + ".notValues");
            }
        }
    }

    private static void moved(
            AnalysisContext context, PolicyScope scope, List<String> ports, Position at, String field) {
        for (int i = 0; i < ports.size(); i++) {
            int number = number(ports.get(i));
            Integer bound = scope.moved().get(number);
            if (bound != null && !scope.bound().contains(number)) {
                context.report(
                        ProblemCode.POLICY_PORT_MOVED,
                        at,
                        Fields.item(field, i),
                        "port " + number + " is bound as " + bound + " here, so requests do not come to " + number,
                        "write \"" + bound + "\"; sallyport.port-map." + number + " moves the port");
            }
        }
    }

    /// A policy that may be about endpoints, too, may name their ports.
    private static void unbound(
            AnalysisContext context, AuthorizationPolicy policy, List<PolicyScope> scopes, Rule rule, String field) {
        if (scopes.isEmpty() || (policy.selector() == null && policy.targets().isEmpty())) {
            return;
        }
        for (int i = 0; i < rule.to().size(); i++) {
            Operation operation = rule.to().get(i);
            String place = Fields.item(field + ".to", i) + ".operation.ports";
            unbound(context, scopes, operation.ports().any(), operation.at(), place);
        }
        for (int i = 0; i < rule.when().size(); i++) {
            Condition condition = rule.when().get(i);
            if (condition.key().equals(PORT)) {
                String place = Fields.item(field + ".when", i) + ".values";
                unbound(context, scopes, condition.values().any(), condition.at(), place);
            }
        }
    }

    private static void unbound(
            AnalysisContext context, List<PolicyScope> scopes, List<String> ports, Position at, String field) {
        for (int i = 0; i < ports.size(); i++) {
            int number = number(ports.get(i));
            if (number >= 0
                    && !context.options().isReserved(number)
                    && scopes.stream().noneMatch(scope -> has(scope, number))) {
                context.report(
                        ProblemCode.POLICY_PORT_UNBOUND,
                        at,
                        Fields.item(field, i),
                        "no port " + number + " is bound here, so nothing comes by it",
                        "delete it, or open the port by a Gateway");
            }
        }
    }

    private static boolean has(PolicyScope scope, int port) {
        return scope.bound().contains(port) || scope.moved().containsKey(port);
    }

    private static void withoutHttp(
            AnalysisContext context, AuthorizationPolicy policy, PolicyScope scope, Rule rule, String field) {
        for (Map.Entry<Integer, Gateway> tcp : scope.tcp().entrySet()) {
            if (policy.action() == Action.CUSTOM && !judgesBytes(context, policy) && means(rule, tcp.getKey())) {
                context.report(
                        ProblemCode.CUSTOM_ON_BYTES,
                        rule.at(),
                        field,
                        "port " + tcp.getKey() + " of " + tcp.getValue().meta() + " has no HTTP, and provider "
                                + Quote.of(policy.provider())
                                + " is asked about requests alone: what the rule matches there is denied",
                        "confine the rule to other ports by to.operation.ports, or ask an envoyExtAuthzGrpc provider");
                return;
            }
            if (policy.action() != Action.AUDIT && losesHttp(policy.action(), rule, tcp.getKey())) {
                String effect =
                        switch (policy.action()) {
                            case ALLOW -> "the rule allows nothing there";
                            case CUSTOM -> "the provider is asked there without them";
                            case DENY, AUDIT -> "the rule denies there without them";
                        };
                context.report(
                        ProblemCode.POLICY_ON_TCP,
                        rule.at(),
                        field,
                        "port " + tcp.getKey() + " of " + tcp.getValue().meta()
                                + " has no HTTP, and the rule has HTTP fields: " + effect,
                        "confine the rule to other ports by to.operation.ports, or add a rule for this one");
                return;
            }
        }
    }

    /// Whether its provider can be asked about connections. Where there is no such provider, that is a problem of its
    /// own.
    private static boolean judgesBytes(AnalysisContext context, AuthorizationPolicy policy) {
        ExternalAuthorizer authorizer = context.index().policies().authorizer(policy);
        return authorizer == null || authorizer.http() == null;
    }

    /// Whether the rule means that port and has something there that only requests have. A rule of ALLOW is left out as
    /// a whole, one of DENY keeps what connections have.
    private static boolean losesHttp(Action action, Rule rule, int port) {
        boolean headers =
                rule.when().stream().anyMatch(condition -> condition.key().startsWith(HEADERS));
        boolean anywhere = headers || rule.to().stream().anyMatch(PolicyPorts::isHttp);
        boolean excluded = rule.when().stream()
                .anyMatch(condition -> condition.key().equals(PORT) && !mayBe(port, condition.values()));
        if (!anywhere || excluded) {
            return false;
        }
        boolean all = headers || action == Action.ALLOW;
        return rule.to().isEmpty()
                || rule.to().stream()
                        .anyMatch(operation -> mayBe(port, operation.ports()) && (all || isHttp(operation)));
    }

    /// Whether the rule may match on that port.
    private static boolean means(Rule rule, int port) {
        boolean excluded = rule.when().stream()
                .anyMatch(condition -> condition.key().equals(PORT) && !mayBe(port, condition.values()));
        return !excluded
                && (rule.to().isEmpty() || rule.to().stream().anyMatch(operation -> mayBe(port, operation.ports())));
    }

    private static boolean isHttp(Operation operation) {
        return !operation.hosts().isEmpty()
                || !operation.methods().isEmpty()
                || !operation.paths().isEmpty();
    }

    private static boolean mayBe(int port, Values ports) {
        return (ports.any().isEmpty() || contains(ports.any(), port)) && !contains(ports.none(), port);
    }

    private static boolean contains(List<String> ports, int port) {
        return ports.stream().anyMatch(each -> number(each) == port);
    }

    /// -1 for what is no port, which has been reported.
    private static int number(String port) {
        boolean digits = !port.isEmpty() && port.length() <= 5 && port.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Integer.parseInt(port) : -1;
    }
}
