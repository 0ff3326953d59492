package io.sallyport.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// `sallyport_discovery_*`: whether the cluster still says what changes (1 or 0), and how much of it is known.
public final class DiscoveryMetrics {
    /// How discovery stands, as the metrics show it.
    ///
    /// @param connected changes are reported as they happen
    /// @param watched the same by kind of object; always the same kinds
    public record Sample(
            boolean synced,
            boolean connected,
            SortedMap<String, Boolean> watched,
            int services,
            int endpointSlices,
            int pods) {}

    private final MeterRegistry registry;
    private final Supplier<Sample> discovery;

    private DiscoveryMetrics(MeterRegistry registry, Supplier<Sample> discovery) {
        this.registry = registry;
        this.discovery = discovery;
    }

    public static void register(MeterRegistry registry, Supplier<Sample> discovery) {
        new DiscoveryMetrics(registry, discovery)
                .gauge("synced", "Whether everything has been reported once.", sample -> sample.synced() ? 1 : 0)
                .gauge(
                        "connected",
                        "Whether changes are reported as they happen; else the last endpoints are used.",
                        sample -> sample.connected() ? 1 : 0)
                .gauge("services", "Services known.", Sample::services)
                .gauge("endpointslices", "EndpointSlices known.", Sample::endpointSlices)
                .gauge("pods", "Pods known.", Sample::pods)
                .kinds();
    }

    private void kinds() {
        for (String kind : discovery.get().watched().keySet()) {
            Gauge.builder(
                            "sallyport.discovery.watched",
                            discovery,
                            supplier -> supplier.get().watched().getOrDefault(kind, false) ? 1 : 0)
                    .description("Whether changes of objects of this kind are reported as they happen.")
                    .tag("kind", kind)
                    .strongReference(true)
                    .register(registry);
        }
    }

    private DiscoveryMetrics gauge(String name, String description, ToDoubleFunction<Sample> value) {
        Gauge.builder("sallyport.discovery." + name, discovery, supplier -> value.applyAsDouble(supplier.get()))
                .description(description)
                // Nobody else holds the supplier: a gauge alone would lose it, and say NaN.
                .strongReference(true)
                .register(registry);
        return this;
    }
}
