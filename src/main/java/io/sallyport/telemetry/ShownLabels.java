package io.sallyport.telemetry;

import io.sallyport.telemetry.SeriesLabels.Protocol;
import org.jspecify.annotations.Nullable;

/// What a series is known by, and shown with.
interface ShownLabels {
    Protocol protocol();

    /// Hands over the labels.
    void write(InstanceLabels instance, LabelSink out);

    /// Of the destination; null for none.
    @Nullable
    String host();

    /// What the destination has a say in.
    Outcome outcome();

    /// @param code the HTTP status, or what a Telemetry has made of it, likewise of `status`
    record Outcome(String code, String status) {}
}
