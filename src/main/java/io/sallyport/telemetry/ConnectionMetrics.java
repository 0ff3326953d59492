package io.sallyport.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Downstream connections by listener: `sallyport_downstream_connections_active`, `…_total` and `…_refused_total`; and of
/// all listeners, `sallyport_downstream_tls_failures_total{reason}`.
public final class ConnectionMetrics {
    private final MeterRegistry registry;
    private final Map<String, List<Meter>> listeners = new HashMap<>();
    private final Map<String, Counter> tlsFailures = new ConcurrentHashMap<>();

    public ConnectionMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /// Metrics whose figures nobody sees.
    public static ConnectionMetrics unseen() {
        return new ConnectionMetrics(new CompositeMeterRegistry());
    }

    /// Shows a listener's count from now on, instead of the one that was shown by that name.
    ///
    /// @param name such as `0.0.0.0:8443`
    public synchronized void show(String name, ConnectionCount count) {
        forget(name);
        listeners.put(name, meters(name, count));
    }

    /// A connection to a TLS port came to nothing.
    ///
    /// @param reason one of a fixed few words, in lower case
    public void tlsFailed(String reason) {
        tlsFailures.computeIfAbsent(reason, this::tlsFailures).increment();
    }

    private Counter tlsFailures(String reason) {
        return Counter.builder("sallyport.downstream.tls.failures")
                .description("Connections of clients that did not come to the end of the TLS handshake.")
                .tag("reason", reason)
                .register(registry);
    }

    /// The listener is gone, and so are its figures.
    public synchronized void forget(String name) {
        List<Meter> meters = listeners.remove(name);
        if (meters != null) {
            meters.forEach(registry::remove);
        }
    }

    private List<Meter> meters(String name, ConnectionCount count) {
        return List.of(
                Gauge.builder("sallyport.downstream.connections.active", count, ConnectionCount::active)
                        .description("Open connections of clients.")
                        .tag("listener", name)
                        .register(registry),
                FunctionCounter.builder("sallyport.downstream.connections", count, ConnectionCount::total)
                        .description("Connections of clients that were accepted.")
                        .tag("listener", name)
                        .register(registry),
                FunctionCounter.builder(
                                "sallyport.downstream.connections.refused",
                                count,
                                ConnectionCount::refusedTotal)
                        .description(
                                "Connections of clients that were closed at once, for there were too many.")
                        .tag("listener", name)
                        .register(registry));
    }
}
