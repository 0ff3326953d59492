package io.sallyport.telemetry;

import java.util.Collection;
import java.util.function.Supplier;

/// `sallyport_downstream_*` by listener.
public final class ListenerMetrics {
    private static final String PREFIX = "sallyport_downstream_connections";

    private ListenerMetrics() {}

    public static void register(Exposition exposition, Supplier<Collection<ListenerSample>> listeners) {
        exposition.add(new FigureMetrics<>("listener", ListenerSample::listener, listeners)
                .gauge(PREFIX + "_active", "Open connections of clients.", ListenerSample::connectionsActive)
                .counter(PREFIX, "Connections of clients.", ListenerSample::connectionsTotal)
                .counter(
                        PREFIX + "_shed",
                        "Connections of clients that were closed at once, for there were too many.",
                        ListenerSample::shedTotal));
    }
}
