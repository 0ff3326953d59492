package io.sallyport.config.validation;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.Suggestion;
import java.util.List;

/// AuthorizationPolicy as Istio's `ValidateAuthorizationPolicy` has it. What cannot be enforced yet is an error: a
/// policy is never served in part.
final class AuthorizationPolicyValidator {
    private static final String GATEWAY_API = "gateway.networking.k8s.io";
    private static final String NETWORKING = "networking.istio.io";

    private static final List<String> TARGETS = List.of("Service", "ServiceEntry", "Gateway");

    private AuthorizationPolicyValidator() {}

    static void validate(AuthorizationPolicy policy, Place document) {
        Place spec = document.field("spec");
        dryRun(policy, document.field("metadata").field("annotations").key(AuthorizationPolicy.DRY_RUN));
        selector(policy, spec.field("selector"));
        targets(policy, spec);
        action(policy, spec);
        for (int i = 0; i < policy.rules().size(); i++) {
            PolicyRuleValidator.validate(
                    policy.rules().get(i), policy.action(), spec.field("rules").index(i));
        }
    }

    static void unsupported(String what, Place place) {
        String message = what + " is not supported yet; the configuration is refused, not served without it";
        place.report(ProblemCode.UNSUPPORTED_POLICY, message, "take the policy out to serve");
    }

    private static void dryRun(AuthorizationPolicy policy, Place place) {
        String value = policy.meta().annotations().get(AuthorizationPolicy.DRY_RUN);
        if (value == null) {
            return;
        }
        if (policy.action() != Action.ALLOW && policy.action() != Action.DENY) {
            String message = "a dry run is of ALLOW or DENY, not of " + policy.action();
            place.report(ProblemCode.BAD_DRY_RUN, message, "delete the annotation");
        } else if (!AuthorizationPolicy.isBoolean(value)) {
            String message = Quote.of(value) + " is neither true nor false";
            place.report(ProblemCode.BAD_DRY_RUN, message, "write \"true\" or \"false\"");
        }
    }

    private static void selector(AuthorizationPolicy policy, Place place) {
        LabelChecks.selector(policy.selector(), place.field("matchLabels"));
        if (policy.selector() != null && policy.selector().isEmpty()) {
            String message = "the selector has no labels, so the policy applies as it would without a selector";
            place.report(ProblemCode.EMPTY_SELECTOR, message, "give matchLabels, or delete the selector");
        }
    }

    private static void targets(AuthorizationPolicy policy, Place spec) {
        Place single = spec.field("targetRef");
        for (int i = 0; i < policy.targets().size(); i++) {
            target(
                    policy.targets().get(i),
                    single.isPresent() ? single : spec.field("targetRefs").index(i));
        }
    }

    private static void target(TargetRef target, Place place) {
        if (!target.namespace().isEmpty()) {
            String message = "a policy is attached to what is in its own namespace only";
            place.field("namespace").report(ProblemCode.BAD_TARGET, message, "delete the field");
        }
        boolean known =
                switch (target.kind()) {
                    case "Service" -> target.group().isEmpty();
                    case "ServiceEntry" -> target.group().equals(NETWORKING);
                    case "Gateway" ->
                        target.group().equals(NETWORKING) || target.group().equals(GATEWAY_API);
                    // Its absence has been reported.
                    case "" -> true;
                    default -> false;
                };
        if (known) {
            return;
        }
        if (TARGETS.contains(target.kind())) {
            String message = target.kind() + " is not of group " + Quote.of(target.group());
            place.field("group").report(ProblemCode.BAD_TARGET, message, groupHint(target.kind()));
        } else {
            String message = "a policy cannot be attached to " + Quote.of(target.kind())
                    + ": Service, ServiceEntry and Gateway are supported";
            String hint = Suggestion.didYouMean(target.kind(), TARGETS);
            place.field("kind").report(ProblemCode.BAD_TARGET, message, hint);
        }
    }

    private static String groupHint(String kind) {
        return switch (kind) {
            case "Service" -> "delete the group, or write core";
            case "ServiceEntry" -> "write " + NETWORKING;
            default -> "write " + NETWORKING + " or " + GATEWAY_API;
        };
    }

    private static void action(AuthorizationPolicy policy, Place spec) {
        Action action = policy.action();
        boolean custom = action == Action.CUSTOM;
        if ((action == Action.DENY || custom) && policy.rules().isEmpty()) {
            String message = action + " without rules never applies";
            spec.field("rules").report(ProblemCode.RULES_NEEDED, message, "rules: [{}] always applies");
        }
        Place provider = spec.field("provider");
        if (!custom && provider.isPresent()) {
            String message = "a provider is for the action CUSTOM, not for " + action;
            provider.report(ProblemCode.BAD_CUSTOM, message, "delete the field");
        } else if (custom && policy.provider().isEmpty()) {
            String message = "the action CUSTOM needs a provider";
            provider.field("name").report(ProblemCode.BAD_CUSTOM, message, "name one of the extensionProviders");
        }
        if (custom) {
            unsupported("action CUSTOM (external authorization)", spec.field("action"));
        }
    }
}
