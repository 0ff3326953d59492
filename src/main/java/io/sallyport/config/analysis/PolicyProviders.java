package io.sallyport.config.analysis;

import io.sallyport.config.index.PolicyIndex;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Whom policies with action CUSTOM ask.
final class PolicyProviders implements Analyzer {
    /// What policies are for.
    private record Subject(String namespace, Map<String, String> selector, List<String> targets) {}

    @Override
    public void analyze(AnalysisContext context) {
        PolicyIndex policies = context.index().policies();
        Map<Subject, AuthorizationPolicy> first = new HashMap<>();
        AuthorizationPolicy ofInstance = null;
        AuthorizationPolicy ofGateway = null;
        for (AuthorizationPolicy policy : policies.all()) {
            if (policy.action() != Action.CUSTOM) {
                continue;
            }
            known(context, policy);
            AuthorizationPolicy other = first.putIfAbsent(subject(policy), policy);
            if (policies.selectsInstance(policy)) {
                other = other != null ? other : ofInstance != null ? ofInstance : ofGateway;
                ofInstance = ofInstance == null ? policy : ofInstance;
            } else if (targetsGateway(policy, context.index().selectedGateways())) {
                // Its requests meet both.
                other = other == null ? ofInstance : other;
                ofGateway = ofGateway == null ? policy : ofGateway;
            }
            if (other != null && !other.provider().equals(policy.provider())) {
                context.report(
                        ProblemCode.SEVERAL_PROVIDERS,
                        policy.meta().at(),
                        "spec.provider.name",
                        policy.meta() + " asks " + Quote.of(policy.provider()) + ", and " + other.meta() + " ("
                                + other.meta().at() + ") asks " + Quote.of(other.provider())
                                + " for the same workloads: what either matches is denied",
                        "name one provider in both");
            }
        }
    }

    private static boolean targetsGateway(AuthorizationPolicy policy, List<Gateway> gateways) {
        return gateways.stream()
                .map(Gateway::meta)
                .anyMatch(gateway -> policy.targets("Gateway", gateway.namespace(), gateway.name()));
    }

    private static void known(AnalysisContext context, AuthorizationPolicy policy) {
        if (context.index().policies().authorizer(policy) == null) {
            context.report(
                    ProblemCode.UNKNOWN_PROVIDER,
                    policy.meta().at(),
                    "spec.provider.name",
                    policy.meta() + " asks " + Quote.of(policy.provider())
                            + ", which is no provider for external authorization: what it matches is denied",
                    context.didYouMean(
                            policy.provider(),
                            context.index().policies().authorizers().keySet(),
                            "add it to MeshConfig's extensionProviders"));
        }
    }

    private static Subject subject(AuthorizationPolicy policy) {
        return new Subject(
                policy.meta().namespace(),
                Objects.requireNonNullElse(policy.selector(), Map.of()),
                policy.targets().stream()
                        .map(target -> target.kind() + "/" + target.name())
                        .toList());
    }
}
