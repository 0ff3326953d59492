package io.sallyport.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One AuthorizationPolicy, compiled for requests or for connections.
///
/// @param name `namespace/name`
/// @param source where it is written, `file:line`, for explanations
/// @param dryRun it is judged and reported, not enforced
/// @param authorizer whom CUSTOM asks; null where nobody can be asked, so that what it matches is denied
public record Policy(
        String name,
        String source,
        Action action,
        boolean dryRun,
        @Nullable Authorizer authorizer,
        List<Rule> rules) {
    boolean readsFields() {
        return rules.stream().anyMatch(Rule::readsFields);
    }

    public enum Action {
        ALLOW,
        DENY,
        AUDIT,
        CUSTOM;

        /// Whether a request may be denied because it matches.
        public boolean denies() {
            return this == DENY || this == CUSTOM;
        }
    }
}
