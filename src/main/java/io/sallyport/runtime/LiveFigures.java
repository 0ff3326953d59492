package io.sallyport.runtime;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.LiveTraffic;
import io.sallyport.telemetry.PolicyMetrics;
import io.sallyport.telemetry.RecentRequests;
import io.sallyport.telemetry.TrafficWindow;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the admin API shows of requests as they go.
public final class LiveFigures {
    /// Where nothing is counted.
    public static final LiveFigures NONE = new LiveFigures(null, null, null);

    private final @Nullable TrafficWindow<LiveTraffic.Key> traffic;
    private final @Nullable PolicyMetrics policies;
    private final @Nullable RecentRequests recent;

    /// @param recent null where no requests are kept
    public LiveFigures(
            @Nullable LiveTraffic counted, @Nullable PolicyMetrics policies, @Nullable RecentRequests recent) {
        traffic = counted == null ? null : counted.window();
        this.policies = policies;
        this.recent = recent;
    }

    /// Of the cluster's host and subset, whatever the port; null where nothing is known.
    @Nullable
    JsonObject of(ClusterSpec cluster) {
        return of(new LiveTraffic.DestinationKey(cluster.host(), cluster.subset()));
    }

    /// Null where nothing is known.
    @Nullable
    JsonObject of(LiveTraffic.Key key) {
        return traffic == null ? null : json(traffic.of(key));
    }

    /// Null where nothing is counted.
    @Nullable
    PolicyMetrics policies() {
        return policies;
    }

    /// Requests that have ended, the newest first.
    List<RequestFacts> latest() {
        return recent == null ? List.of() : recent.latest();
    }

    private static @Nullable JsonObject json(TrafficWindow.@Nullable Figures figures) {
        return figures == null
                ? null
                : new JsonObject()
                        .put("perSecond", figures.perSecond())
                        .put("failureShare", figures.failureShare())
                        .put("p50Millis", figures.p50Millis())
                        .put("p99Millis", figures.p99Millis());
    }
}
