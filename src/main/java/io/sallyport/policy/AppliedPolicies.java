package io.sallyport.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The policies that apply to one thing, compiled for each way of asking.
///
/// @param scope that thing, for explanations
/// @param requests at Gateways
/// @param meshRequests at the mesh listener, which makes paths canonical in another way
/// @param tunnels that CONNECT opens and whose bytes are relayed
/// @param connections whose bytes are relayed
public record AppliedPolicies(
        String scope, PolicySet requests, PolicySet meshRequests, PolicySet tunnels, PolicySet connections) {
    public static final AppliedPolicies NONE =
            new AppliedPolicies("", PolicySet.NONE, PolicySet.NONE, PolicySet.NONE, PolicySet.NONE);

    /// One policy, compiled for each way of asking.
    public record One(Policy requests, Policy meshRequests, Policy tunnels, Policy connections) {
        /// Whether any rule asks for the fields of a request.
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

    public static AppliedPolicies of(String scope, List<One> all) {
        return all.isEmpty()
                ? NONE
                : new AppliedPolicies(
                        scope,
                        new PolicySet(all.stream().map(One::requests).toList()),
                        new PolicySet(all.stream().map(One::meshRequests).toList()),
                        new PolicySet(all.stream().map(One::tunnels).toList()),
                        new PolicySet(all.stream().map(One::connections).toList()));
    }

    public boolean isEmpty() {
        return requests.isEmpty();
    }

    public PolicySet requests(boolean mesh) {
        return mesh ? meshRequests : requests;
    }
}
