package io.sallyport.route;

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
}
