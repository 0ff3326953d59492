package io.sallyport.runtime;

import io.sallyport.admin.AdminView;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.telemetry.ClusterMetrics;
import io.sallyport.telemetry.DiscoveryMetrics;
import io.sallyport.telemetry.ListenerMetrics;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The gateway, as `serve` starts and stops it.
public interface GatewayRuntime {
    /// Reads the configuration, binds its listeners and serves; then watches for changes.
    ///
    /// @throws StartException with every problem, if the first configuration cannot be served; nothing stays bound
    void start() throws StartException;

    /// Of the configuration that is served; 0 before the first.
    long generation();

    /// Whether everything that is to be served is known: false until discovery has reported everything once.
    default boolean isComplete() {
        return true;
    }

    /// How discovery stands; null where nothing is discovered.
    default DiscoveryMetrics.@Nullable Sample discoverySample() {
        return null;
    }

    /// Where listeners are bound, such as `0.0.0.0:8443`.
    List<String> listeners();

    /// What the admin API shows; before the start as well.
    AdminView adminView();

    /// What the metrics show of the clusters.
    Collection<ClusterMetrics.Sample> clusterSamples();

    /// What the metrics show of the listeners.
    Collection<ListenerMetrics.Sample> listenerSamples();

    /// For how long the event loop that has stood still longest has done so, milliseconds.
    long blockedMillis();

    /// How late an event loop came at most to what was due, within the last half minute to minute.
    Duration loopDelay();

    /// Asks every connection to end after its requests in flight, and waits until all have or the grace is over.
    /// Listeners take new connections meanwhile: load balancers learn late that this instance is not ready any
    /// more. The configuration stays as it is meanwhile.
    ///
    /// @param undone whether the wait is to end at once
    /// @return connections that are left
    int drain(Duration grace, BooleanSupplier undone);

    /// The end of a drain that is not taken back any more: listeners take no new connections, and those that are open
    /// get the time that is left.
    ///
    /// @return connections that are left
    int finish(Duration grace);

    /// Takes a drain that has ended back: connections stay from now on, but for those that have been told to end, and
    /// the configuration follows its changes, also those that came meanwhile.
    void resume();

    /// Closes everything at once.
    void close();

    /// Makes the runtime, whose event loops are those of the given Vert.x.
    interface Factory {
        GatewayRuntime create(Vertx vertx, Settings settings, GatewayTelemetry telemetry);
    }
}
