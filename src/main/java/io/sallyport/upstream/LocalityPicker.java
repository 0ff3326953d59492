package io.sallyport.upstream;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Each locality with the probability of its share, which shrinks as its health does (Envoy, "Locality weighted load
/// balancing"); within it the load balancer chooses.
final class LocalityPicker implements EndpointPicker {
    private static final long FULL = 1_000_000;

    private final double[] weights;
    private final EndpointSet[] localities;
    private final LoadBalancer[] balancers;

    /// @param weights shares in any unit
    /// @param localities as many, none empty
    /// @param balancers as many
    LocalityPicker(List<Double> weights, List<EndpointSet> localities, List<LoadBalancer> balancers) {
        this.weights = weights.stream().mapToDouble(Double::doubleValue).toArray();
        this.localities = localities.toArray(new EndpointSet[0]);
        this.balancers = balancers.toArray(new LoadBalancer[0]);
    }

    @Override
    public @Nullable Endpoint pick(RequestContext context) {
        Endpoint picked = null;
        for (int i = 0; i < REDRAWS; i++) {
            int locality = draw();
            picked = locality < 0 ? null : balancers[locality].pick(localities[locality], context);
            if (picked == null || !context.excludes(picked)) {
                return picked;
            }
        }
        return picked;
    }

    /// -1 where no locality has an available endpoint.
    private int draw() {
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            total += weight(i);
        }
        double point = ThreadLocalRandom.current().nextDouble() * total;
        int last = -1;
        for (int i = 0; i < weights.length && point >= 0; i++) {
            double weight = weight(i);
            last = weight > 0 ? i : last;
            point -= weight;
        }
        return last;
    }

    private double weight(int locality) {
        return weights[locality] * Health.of(localities[locality], FULL);
    }
}
