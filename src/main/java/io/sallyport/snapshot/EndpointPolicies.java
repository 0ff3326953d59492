package io.sallyport.snapshot;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.policy.AppliedPolicies;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The policies of the endpoints that one cluster leads to: those whose selector any of its endpoints has. One endpoint
/// that a policy selects is enough for all of the cluster, so that an answer does not depend on which is chosen.
/// Thread-safe.
public final class EndpointPolicies {
    /// @param selector labels that an endpoint must have; null or empty for any
    public record Candidate(@Nullable Map<String, String> selector, AppliedPolicies.One policy) {}

    /// What holds for a set of endpoints.
    ///
    /// @param ports of the endpoints, each once
    public record Judges(AppliedPolicies policies, int[] ports) {}

    private record Known(EndpointSet endpoints, Judges judges) {}

    private final List<Candidate> candidates;
    private final boolean labelled;
    private final Function<List<AppliedPolicies.One>, AppliedPolicies> apply;
    private volatile @Nullable Known last;

    /// @param candidates of the endpoints' namespace, in the order in which they are judged
    /// @param labelled false where nobody knows the labels of the endpoints: then each of the policies may mean
    // them,
    ///     and holds
    /// @param apply makes policies that are asked together of those that are selected
    public EndpointPolicies(
            List<Candidate> candidates, boolean labelled, Function<List<AppliedPolicies.One>, AppliedPolicies> apply) {
        this.candidates = List.copyOf(candidates);
        this.labelled = labelled;
        this.apply = apply;
    }

    public Judges of(EndpointSet endpoints) {
        Known known = last;
        if (known == null || known.endpoints() != endpoints) {
            known = new Known(endpoints, judges(endpoints));
            last = known;
        }
        return known.judges();
    }

    private Judges judges(EndpointSet endpoints) {
        List<Endpoint> all = endpoints.asList();
        List<AppliedPolicies.One> selected = candidates.stream()
                .filter(candidate -> selects(candidate.selector(), all))
                .map(Candidate::policy)
                .toList();
        int[] ports = all.stream()
                .mapToInt(endpoint -> endpoint.spec().port())
                .distinct()
                .toArray();
        return new Judges(apply.apply(selected), ports.length == 0 ? new int[] {0} : ports);
    }

    private boolean selects(@Nullable Map<String, String> selector, List<Endpoint> endpoints) {
        return selector == null
                || selector.isEmpty()
                || !labelled
                || endpoints.stream()
                        .map(endpoint -> endpoint.spec().labels().entrySet())
                        .filter(Objects::nonNull)
                        .anyMatch(labels -> labels.containsAll(selector.entrySet()));
    }
}
