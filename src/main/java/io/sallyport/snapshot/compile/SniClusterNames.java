package io.sallyport.snapshot.compile;

/// The server names of AUTO_PASSTHROUGH, as Istio's gateways between networks use them:
/// `outbound_.8080_.v1_.payments.default.svc.cluster.local` for the cluster
/// `outbound|8080|v1|payments.default.svc.cluster.local`.
public final class SniClusterNames {
    private static final String SEPARATOR = "_.";
    private static final int PARTS = 4;

    private SniClusterNames() {}

    /// The cluster's name, or the server name itself where it has not that form.
    public static String clusterOf(String serverName) {
        String[] parts = serverName.split(SEPARATOR, PARTS);
        return parts.length == PARTS && parts[0].equals("outbound") ? String.join("|", parts) : serverName;
    }
}
