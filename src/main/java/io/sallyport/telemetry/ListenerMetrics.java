package io.sallyport.telemetry;

import java.util.Collection;
import java.util.function.Supplier;

/// `sallyport_downstream_*` by listener.
public final class ListenerMetrics {
    /// The figures of one listener at one moment.
    ///
    /// @param listener where it is bound, `0.0.0.0:8443`
    /// @param shedTotal connections over the limit, closed at once
    public record Sample(String listener, long connectionsActive, long connectionsTotal, long shedTotal) {}

    private static final String PREFIX = "sallyport_downstream_connections";

    private ListenerMetrics() {}

    public static void register(Exposition exposition, Supplier<Collection<Sample>> listeners) {
        exposition.add(new FigureMetrics<>("listener", Sample::listener, listeners)
                .gauge(PREFIX + "_active", "Open connections of clients.", Sample::connectionsActive)
                .counter(PREFIX, "Connections of clients.", Sample::connectionsTotal)
                .counter(
                        PREFIX + "_shed",
                        "Connections of clients that were closed at once, for there were too many.",
                        Sample::shedTotal));
    }
}
