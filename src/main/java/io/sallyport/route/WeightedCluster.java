package io.sallyport.route;

import java.util.List;

/// One destination of a [Forward].
///
/// @param clusterName as `outbound|80|v1|payments.default.svc.cluster.local`
/// @param weight share of the traffic in relation to its siblings; the sum need not be 100
/// @param request header changes on the way up, for this destination only
/// @param response header changes on the way back, for this destination only
public record WeightedCluster(String clusterName, int weight, HeaderOps request, HeaderOps response) {
    public WeightedCluster {
        if (weight < 0) {
            throw new IllegalArgumentException("negative weight " + weight + " of " + clusterName);
        }
    }

    public WeightedCluster(String clusterName, int weight) {
        this(clusterName, weight, HeaderOps.NONE, HeaderOps.NONE);
    }

    /// One of several by weight: each with a probability of its weight over the sum of the weights. A single one gets
    /// everything whatever its weight, among several a weight of 0 gets nothing.
    ///
    /// @param random any int, uniformly distributed
    public static WeightedCluster pick(List<WeightedCluster> clusters, int random) {
        if (clusters.size() == 1) {
            return clusters.getFirst();
        }
        long total = totalWeight(clusters);
        // Scaled, not divided: with a remainder, large weights would take from those behind them.
        long point = Math.unsignedMultiplyHigh((long) random << Integer.SIZE, total);
        int i = 0;
        while (point >= clusters.get(i).weight) {
            point -= clusters.get(i).weight;
            i++;
        }
        return clusters.get(i);
    }

    static long totalWeight(List<WeightedCluster> clusters) {
        long total = 0;
        for (int i = 0; i < clusters.size(); i++) {
            total += clusters.get(i).weight;
        }
        return total;
    }
}
