package io.sallyport.policy;

import java.util.List;

/// One AuthorizationPolicy, compiled for requests or for connections.
///
/// @param name `namespace/name`
/// @param source where it is written, `file:line`, for explanations
/// @param dryRun it is judged and reported, not enforced
public record Policy(String name, String source, Action action, boolean dryRun, List<Rule> rules) {
    boolean readsFields() {
        return rules.stream().anyMatch(Rule::readsFields);
    }

    public enum Action {
        ALLOW,
        DENY,
        AUDIT
    }
}
