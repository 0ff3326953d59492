package io.sallyport.config.validation;

import io.sallyport.config.model.AttachedPolicy;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.Suggestion;
import java.util.List;

/// What a policy applies to: its selector, or its targets.
final class AttachmentChecks {
    private static final String GATEWAY_API = "gateway.networking.k8s.io";
    private static final String NETWORKING = "networking.istio.io";

    private static final List<String> TARGETS = List.of("Service", "ServiceEntry", "Gateway");

    private AttachmentChecks() {}

    static void validate(AttachedPolicy policy, Place spec) {
        selector(policy, spec.field("selector"));
        targets(policy, spec);
    }

    private static void selector(AttachedPolicy policy, Place place) {
        LabelChecks.selector(policy.selector(), place.field("matchLabels"));
        if (policy.selector() != null && policy.selector().isEmpty()) {
            String message = "the selector has no labels, so the policy applies as it would without a selector";
            place.report(ProblemCode.EMPTY_SELECTOR, message, "give matchLabels, or delete the selector");
        }
    }

    private static void targets(AttachedPolicy policy, Place spec) {
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
}
