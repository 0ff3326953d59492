package io.sallyport.telemetry;

import java.util.Collection;
import java.util.function.Supplier;

/// `sallyport_listener_bound` and `sallyport_downstream_*` by listener.
public final class ListenerMetrics {
    /// The figures of one listener at one moment.
    ///
    /// @param listener where it is bound, or is to be, `0.0.0.0:8443`
    /// @param sinceMillis since when it counts, milliseconds since 1970
    /// @param bound false where it cannot be; then its figures are 0
    /// @param shedTotal connections over the limit, closed at once
    public record Sample(
            String listener,
            long sinceMillis,
            boolean bound,
            long connectionsActive,
            long connectionsTotal,
            long shedTotal) {}

    private static final String PREFIX = "sallyport_downstream_connections";

    private ListenerMetrics() {}

    public static void register(Exposition exposition, Supplier<Collection<Sample>> listeners) {
        exposition.add(new FigureMetrics<>("listener", Sample::listener, Sample::sinceMillis, listeners)
                .gauge(
                        "sallyport_listener_bound",
                        "Whether the port of a listener of the configuration is bound; 0 while it is not, such as one"
                                + " that another process has.",
                        sample -> sample.bound() ? 1 : 0)
                .gauge(PREFIX + "_active", "Open connections of clients.", Sample::connectionsActive)
                .counter(PREFIX, "Connections of clients.", Sample::connectionsTotal)
                .counter(
                        PREFIX + "_shed",
                        "Connections of clients that were closed at once, for there were too many.",
                        Sample::shedTotal));
    }
}
