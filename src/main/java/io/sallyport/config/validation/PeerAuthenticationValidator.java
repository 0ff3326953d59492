package io.sallyport.config.validation;

import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.Place;

/// PeerAuthentication as Istio's `ValidatePeerAuthentication` has it.
final class PeerAuthenticationValidator {
    private PeerAuthenticationValidator() {}

    static void validate(PeerAuthentication policy, Place spec) {
        Place ports = spec.field("portLevelMtls");
        if (ports.isPresent() && ports.keys().isEmpty()) {
            String message = "portLevelMtls names no port";
            ports.report(ProblemCode.PORT_LEVEL_MTLS, message, "name a port and its mode, or delete the field");
        } else if (ports.isPresent() && !policy.isForWorkloads()) {
            String message = "ports have modes of their own only where a selector names the workloads";
            ports.report(ProblemCode.PORT_LEVEL_MTLS, message, "add a selector with matchLabels, or use mtls");
        }
        Place selector = spec.field("selector");
        LabelChecks.selector(policy.selector(), selector.field("matchLabels"));
        if (policy.selector() != null && policy.selector().isEmpty()) {
            String message = "the selector has no labels, so the policy applies as it would without a selector";
            selector.report(ProblemCode.EMPTY_SELECTOR, message, "give matchLabels, or delete the selector");
        }
    }
}
