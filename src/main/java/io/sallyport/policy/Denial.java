package io.sallyport.policy;

import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;

/// Why a request is denied.
///
/// @param policy `namespace/name` of the policy that denies; empty where ALLOW policies apply and none of them allows
/// @param rule its index in that policy; -1 where none allows
/// @param details for the access log, in the words of Envoy and Istio
public record Denial(String policy, int rule, String details) {
    private static final String MATCHED = "rbac_access_denied_matched_policy[";

    /// No rule of any ALLOW policy matches.
    static final Denial NOT_ALLOWED = new Denial("", -1, MATCHED + "none]");

    /// @param policy `namespace/name`
    static Denial by(String policy, int rule) {
        int slash = policy.indexOf('/');
        return new Denial(
                policy,
                rule,
                MATCHED
                        + "ns[%s]-policy[%s]-rule[%d]]"
                                .formatted(policy.substring(0, slash), policy.substring(slash + 1), rule));
    }

    public ProxyException exception() {
        return ProxyException.gateway(ResponseFlag.RBAC, details);
    }
}
