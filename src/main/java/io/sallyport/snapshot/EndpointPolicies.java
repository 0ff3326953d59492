package io.sallyport.snapshot;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Policy;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The policies of the endpoints that one cluster leads to: those whose selector any of its endpoints has. One endpoint
/// that a policy selects is enough for all of the cluster, so that an answer does not depend on which is chosen.
/// Thread-safe.
public final class EndpointPolicies {
    /// @param selector labels that an endpoint must have; null or empty for any
    public record Candidate(@Nullable Map<String, String> selector, AppliedPolicies.Part policy) {}

    /// What holds for a set of endpoints.
    ///
    /// @param ports of the endpoints, each once; 0 where none is known
    public record Judges(AppliedPolicies policies, int[] ports) {
        /// The port is the one that is asked for where the cluster leaves the endpoint to the client.
        private Judges at(ClusterSpec spec, int asked) {
            int target = spec.targetPort();
            return isNamed(spec.discovery()) ? new Judges(policies, new int[] {target == 0 ? asked : target}) : this;
        }
    }

    private record Known(EndpointSet endpoints, Judges judges) {}

    private final List<Candidate> candidates;
    private final boolean labelled;
    private final boolean mayDeny;
    private final Function<List<AppliedPolicies.Part>, AppliedPolicies> apply;
    private volatile @Nullable Known last;

    /// @param candidates of the endpoints' namespace, in the order in which they are judged
    /// @param labelled false where nobody knows the labels of the endpoints: then each of the policies may mean
    ///     them, and holds
    /// @param apply makes policies that are asked together of those that are selected
    public EndpointPolicies(
            List<Candidate> candidates, boolean labelled, Function<List<AppliedPolicies.Part>, AppliedPolicies> apply) {
        this.candidates = List.copyOf(candidates);
        this.labelled = labelled;
        this.apply = apply;
        mayDeny = policies().anyMatch(policy -> policy.action().denies());
    }

    /// @param asked the port that the client asks for, where the cluster leaves the endpoint to the client
    public Judges of(Cluster cluster, int asked) {
        boolean named = isNamed(cluster.spec().discovery());
        // What others have asked for says nothing of this request.
        EndpointSet endpoints = named ? EndpointSet.EMPTY : cluster.endpoints();
        Known known = last;
        if (known == null || known.endpoints() != endpoints) {
            List<EndpointSpec> specs = endpoints.isEmpty()
                    ? cluster.spec().endpoints()
                    : endpoints.asList().stream().map(Endpoint::spec).toList();
            known = new Known(endpoints, of(specs));
            last = known;
        }
        return known.judges().at(cluster.spec(), asked);
    }

    /// The AuthorizationPolicies that may be about endpoints of the cluster, as compiled for requests.
    Stream<Policy> policies() {
        return candidates.stream()
                .map(Candidate::policy)
                .filter(AppliedPolicies.One.class::isInstance)
                .map(policy -> ((AppliedPolicies.One) policy).requests());
    }

    /// Whether any of the policies asks for the fields of a request.
    boolean readsFields() {
        return candidates.stream().anyMatch(candidate -> candidate.policy().readsFields());
    }

    /// Whether any of the policies may deny a request, on trial or not.
    boolean mayDeny() {
        return mayDeny;
    }

    /// As far as the spec alone knows the endpoints.
    public Judges of(ClusterSpec spec, int asked) {
        return of(spec.endpoints()).at(spec, asked);
    }

    /// Whether the request itself says which endpoint it is for.
    public static boolean isNamed(Discovery discovery) {
        return discovery == Discovery.DYNAMIC || discovery == Discovery.ASKED_PORT;
    }

    /// @param endpoints empty where none is known, so that each of the policies may mean those to come
    private Judges of(List<EndpointSpec> endpoints) {
        List<AppliedPolicies.Part> selected = candidates.stream()
                .filter(candidate -> selects(candidate.selector(), endpoints))
                .map(Candidate::policy)
                .toList();
        int[] ports = endpoints.stream().mapToInt(EndpointSpec::port).distinct().toArray();
        return new Judges(apply.apply(selected), ports.length == 0 ? new int[] {0} : ports);
    }

    private boolean selects(@Nullable Map<String, String> selector, List<EndpointSpec> endpoints) {
        return selector == null
                || selector.isEmpty()
                || !labelled
                || endpoints.isEmpty()
                || endpoints.stream()
                        .anyMatch(endpoint -> endpoint.labels().entrySet().containsAll(selector.entrySet()));
    }
}
