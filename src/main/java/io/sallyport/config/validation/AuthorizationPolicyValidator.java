package io.sallyport.config.validation;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;

/// AuthorizationPolicy as Istio's `ValidateAuthorizationPolicy` has it. What cannot be enforced yet is an error: a
/// policy is never served in part.
final class AuthorizationPolicyValidator {
    private AuthorizationPolicyValidator() {}

    static void validate(AuthorizationPolicy policy, Place document) {
        Place spec = document.field("spec");
        dryRun(policy, document.field("metadata").field("annotations").key(AuthorizationPolicy.DRY_RUN));
        AttachmentChecks.validate(policy, spec);
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
    }
}
