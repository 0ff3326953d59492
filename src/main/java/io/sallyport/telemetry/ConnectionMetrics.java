package io.sallyport.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Downstream connections by listener: `sallyport_downstream_connections_active`, `…_total` and `…_refused_total`.
public final class ConnectionMetrics {
    private record Registered(ConnectionCount count, List<Meter> meters) {}

    private final MeterRegistry registry;
    private final Map<String, Registered> listeners = new HashMap<>();

    public ConnectionMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /// The count of a listener, the same for the same name until it is forgotten.
    ///
    /// @param name such as `0.0.0.0:8443`
    public synchronized ConnectionCount listener(String name) {
        return listeners.computeIfAbsent(name, this::register).count();
    }

    /// The listener is gone, and so are its figures.
    public synchronized void forget(String name) {
        Registered registered = listeners.remove(name);
        if (registered != null) {
            registered.meters().forEach(registry::remove);
        }
    }

    private Registered register(String name) {
        var count = new ConnectionCount();
        return new Registered(
                count,
                List.of(
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
                                .register(registry)));
    }
}
