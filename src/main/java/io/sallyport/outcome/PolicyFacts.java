package io.sallyport.outcome;

import org.jspecify.annotations.Nullable;

/// What policies have said of a request.
///
/// @param deniedBy the AuthorizationPolicy that denied it, `namespace/name`; empty where ALLOW policies applied and
///     none allowed it; null where no policy denied it
/// @param trial what policies on trial (`istio.io/dry-run`) would have denied it with, in the words of the details;
///     null where they would not
/// @param authorizer the provider of the external authorizer that was asked about it last; null for none
/// @param audited the AUDIT policy that it matched, `namespace/name`; null for none
public record PolicyFacts(
        @Nullable String deniedBy,
        @Nullable String trial,
        @Nullable String authorizer,
        @Nullable String audited) {
    static final PolicyFacts NONE = new PolicyFacts(null, null, null, null);

    public PolicyFacts denied(String by) {
        return new PolicyFacts(by, trial, authorizer, audited);
    }

    public PolicyFacts tried(String details) {
        return new PolicyFacts(deniedBy, details, authorizer, audited);
    }

    public PolicyFacts asked(String provider) {
        return new PolicyFacts(deniedBy, trial, provider, audited);
    }

    public PolicyFacts audited(String by) {
        return new PolicyFacts(deniedBy, trial, authorizer, by);
    }
}
