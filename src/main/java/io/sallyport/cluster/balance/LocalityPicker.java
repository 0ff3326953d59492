package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Each locality with the probability of its share, which shrinks as its health does (Envoy, "Locality weighted load
/// balancing"); within it the load balancer chooses.
final class LocalityPicker implements EndpointPicker {
    private static final long FULL = 1_000_000;

    private final EndpointSet all;
    private final LoadBalancer balancer;
    private final double[] weights;
    private final EndpointSet[] localities;
    private final LoadBalancer[] balancers;

    /// @param all the endpoints of all localities
    /// @param balancer of them, for where they are in panic
    /// @param weights shares in any unit
    /// @param localities as many, none empty
    /// @param balancers as many
    LocalityPicker(
            EndpointSet all,
            LoadBalancer balancer,
            List<Double> weights,
            List<EndpointSet> localities,
            List<LoadBalancer> balancers) {
        this.all = all;
        this.balancer = balancer;
        this.weights = weights.stream().mapToDouble(Double::doubleValue).toArray();
        this.localities = localities.toArray(new EndpointSet[0]);
        this.balancers = balancers.toArray(new LoadBalancer[0]);
    }

    @Override
    public @Nullable Endpoint pick(RequestContext context) {
        if (all.isInPanic()) {
            // Envoy (`ZoneAwareLoadBalancerBase::hostSourceToUse`).
            return balancer.pick(all, context);
        }
        int locality = draw(context);
        return locality < 0 ? null : balancers[locality].pick(localities[locality], context);
    }

    /// A locality whose endpoints the request has all tried is drawn only where there is no other; -1 where none has an
    /// available endpoint.
    private int draw(RequestContext context) {
        double untried = total(context);
        return untried > 0 ? draw(untried, context) : draw(total(null), null);
    }

    private int draw(double total, @Nullable RequestContext context) {
        double point = ThreadLocalRandom.current().nextDouble() * total;
        int last = -1;
        for (int i = 0; i < weights.length && point >= 0; i++) {
            double weight = weight(i, context);
            last = weight > 0 ? i : last;
            point -= weight;
        }
        return last;
    }

    private double total(@Nullable RequestContext context) {
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            total += weight(i, context);
        }
        return total;
    }

    /// @param context null for any request
    private double weight(int locality, @Nullable RequestContext context) {
        EndpointSet set = localities[locality];
        return context == null || set.hasEligible(context) ? weights[locality] * set.health(FULL) : 0;
    }
}
