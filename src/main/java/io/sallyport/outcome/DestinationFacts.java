package io.sallyport.outcome;

import org.jspecify.annotations.Nullable;

/// The service that a request is to be sent to.
///
/// @param cluster `outbound|80|v1|payments.default.svc.cluster.local`; null before one is chosen
/// @param host null where there is no such cluster
/// @param subset null for the whole service
/// @param service that host's namespace and what else is known of it; null where nothing is
public record DestinationFacts(
        @Nullable String cluster,
        @Nullable String host,
        @Nullable String subset,
        @Nullable WorkloadNames service) {
    public static final DestinationFacts NONE = new DestinationFacts(null, null, null, null);

    /// There is no cluster of this name.
    public static DestinationFacts unknown(String cluster) {
        return new DestinationFacts(cluster, null, null, null);
    }
}
