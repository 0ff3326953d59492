package io.sallyport.policy;

import io.sallyport.jwt.TokenRule;
import io.sallyport.jwt.TokenRules;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The policies that apply to one thing, compiled for each way of asking.
///
/// @param scope that thing, for explanations
/// @param requests at Gateways
/// @param meshRequests at the mesh listener, which makes paths canonical in another way
/// @param tunnels that CONNECT opens and whose bytes are relayed
/// @param connections whose bytes are relayed
/// @param tokens that requests may have
public record AppliedPolicies(
        String scope,
        PolicySet requests,
        PolicySet meshRequests,
        PolicySet tunnels,
        PolicySet connections,
        TokenRules tokens) {
    public static final AppliedPolicies NONE =
            new AppliedPolicies("", PolicySet.NONE, PolicySet.NONE, PolicySet.NONE, PolicySet.NONE, TokenRules.NONE);

    /// What one resource says.
    public sealed interface Part permits One, Tokens {
        /// Whether any rule asks for the fields of a request, so that they are needed to judge it again.
        boolean readsFields();
    }

    /// The rules of one RequestAuthentication.
    public record Tokens(List<TokenRule> rules) implements Part {
        /// What was verified once is remembered.
        @Override
        public boolean readsFields() {
            return false;
        }
    }

    /// One AuthorizationPolicy, compiled for each way of asking.
    public record One(Policy requests, Policy meshRequests, Policy tunnels, Policy connections) implements Part {
        @Override
        public boolean readsFields() {
            return requests.readsFields();
        }

        /// Each is compiled once, so it is itself.
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    public static AppliedPolicies of(String scope, List<Part> all) {
        List<One> policies =
                all.stream().filter(One.class::isInstance).map(One.class::cast).toList();
        List<TokenRule> rules = all.stream()
                .filter(Tokens.class::isInstance)
                .flatMap(part -> ((Tokens) part).rules().stream())
                .toList();
        return all.isEmpty()
                ? NONE
                : new AppliedPolicies(
                        scope,
                        set(policies, One::requests),
                        set(policies, One::meshRequests),
                        set(policies, One::tunnels),
                        set(policies, One::connections),
                        rules.isEmpty() ? TokenRules.NONE : new TokenRules(rules));
    }

    private static PolicySet set(List<One> policies, Function<One, Policy> compiled) {
        return policies.isEmpty()
                ? PolicySet.NONE
                : new PolicySet(policies.stream().map(compiled).toList());
    }

    public boolean isEmpty() {
        return requests.isEmpty() && tokens.isEmpty();
    }

    public PolicySet requests(boolean mesh) {
        return mesh ? meshRequests : requests;
    }
}
