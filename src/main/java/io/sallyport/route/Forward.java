package io.sallyport.route;

import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Sends the request to one of the clusters.
///
/// @param clusters at least one; where there are several their weights must not all be 0
/// @param rewrite of the path, or null
/// @param authority from `rewrite.authority`, or null
/// @param requestHeaders changes on the way up, whichever cluster is picked
/// @param responseHeaders changes on the way back, whichever cluster is picked
/// @param timeout of the whole request; zero is none (`HTTPRoute.timeout`)
/// @param websocketAllowed whether the connection may be upgraded
/// @param retries when the request is sent again
/// @param source where the timeout is from
public record Forward(
        List<WeightedCluster> clusters,
        @Nullable Rewrite rewrite,
        @Nullable RewrittenAuthority authority,
        HeaderOps requestHeaders,
        HeaderOps responseHeaders,
        Duration timeout,
        boolean websocketAllowed,
        RetryPolicy retries,
        SourceLine source)
        implements RouteAction {
    public Forward {
        clusters = List.copyOf(clusters);
        if (clusters.isEmpty()) {
            throw new IllegalArgumentException("a forward needs a cluster");
        }
        if (clusters.size() > 1 && WeightedCluster.totalWeight(clusters) == 0) {
            throw new IllegalArgumentException("the weights of " + clusters.size() + " clusters sum to 0");
        }
    }

    /// A forward to one cluster that changes nothing, for tests and generated routes.
    public static Forward to(String clusterName) {
        return new Forward(
                List.of(new WeightedCluster(clusterName, 100)),
                null,
                null,
                HeaderOps.NONE,
                HeaderOps.NONE,
                Duration.ZERO,
                true,
                RetryPolicy.DEFAULT,
                SourceLine.NONE);
    }

    /// The cluster for this request: each with a probability of its weight over the sum of the weights. A single
    /// one gets everything whatever its weight, among several a weight of 0 gets nothing.
    ///
    /// @param random any int, uniformly distributed
    public WeightedCluster pick(int random) {
        return WeightedCluster.pick(clusters, random);
    }

    /// The authority to send upstream, or null where it stays. `rewrite.authority` wins over the route's headers,
    /// and these over the destination's (Istio pilot `route.go`, `processDestination`).
    public @Nullable RewrittenAuthority authorityFor(WeightedCluster cluster) {
        if (authority != null) {
            return authority;
        }
        RewrittenAuthority ofRoute = requestHeaders.authority();
        return ofRoute != null ? ofRoute : cluster.request().authority();
    }

    /// The path to send upstream. `OPTIONS *` has none that could be rewritten.
    public String pathFor(String path, RouteMatch matched) {
        return rewrite == null || RequestTarget.isAsterisk(path) ? path : rewrite.apply(path, matched);
    }

    /// Whether the request is sent with another path, authority or other headers than it came with.
    public boolean changesRequest(WeightedCluster cluster) {
        return rewrite != null
                || authority != null
                || requestHeaders != HeaderOps.NONE
                || cluster.request() != HeaderOps.NONE;
    }

    /// Changes the request's headers for the picked cluster.
    ///
    /// @return false where a credential is missing, without which the request must not be sent
    public <H> boolean editRequest(WeightedCluster cluster, H headers, HeaderOps.Editor<H> editor) {
        return edit(requestHeaders, cluster.request(), headers, editor);
    }

    /// Removes from a request's trailers the names that the route, or one of its clusters, sets or removes in the
    /// headers: servers may read trailers as headers.
    public <H> void removeNamed(H trailers, HeaderOps.Editor<H> editor) {
        requestHeaders.removeNamed(trailers, editor);
        for (int i = 0; i < clusters.size(); i++) {
            clusters.get(i).request().removeNamed(trailers, editor);
        }
    }

    /// Changes the response's headers for the picked cluster.
    public <H> void editResponse(WeightedCluster cluster, H headers, HeaderOps.Editor<H> editor) {
        edit(responseHeaders, cluster.response(), headers, editor);
    }

    /// Which operations win differs: Istio appends the operations of a single destination to the route's, while
    /// among several Envoy applies the weighted cluster's first and the route's last.
    private <H> boolean edit(HeaderOps ofRoute, HeaderOps ofCluster, H headers, HeaderOps.Editor<H> editor) {
        if (clusters.size() == 1) {
            return ofRoute.applyWith(ofCluster, headers, editor);
        }
        boolean complete = ofCluster.apply(headers, editor);
        return ofRoute.apply(headers, editor) && complete;
    }

    /// Whether fields of the request have values that are made for each one.
    public boolean composesRequest(WeightedCluster cluster) {
        return requestHeaders.isComposed() || cluster.request().isComposed();
    }

    /// Whether those of the response do.
    public boolean composesResponse(WeightedCluster cluster) {
        return responseHeaders.isComposed() || cluster.response().isComposed();
    }

    /// The fields of the request that hold the gateway's own credentials.
    public List<AsciiString> credentialNames(WeightedCluster cluster) {
        Collection<AsciiString> ofRoute = requestHeaders.credentialNames();
        Collection<AsciiString> ofCluster = cluster.request().credentialNames();
        return ofRoute.isEmpty() && ofCluster.isEmpty()
                ? List.of()
                : Stream.concat(ofRoute.stream(), ofCluster.stream()).toList();
    }

    /// Takes the gateway's own credentials out of a request that is to go elsewhere than to the picked cluster.
    public <H> void removeCredentials(WeightedCluster cluster, H headers, HeaderOps.Editor<H> editor) {
        requestHeaders.removeCredentials(headers, editor);
        cluster.request().removeCredentials(headers, editor);
    }
}
