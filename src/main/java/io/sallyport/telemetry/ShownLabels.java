package io.sallyport.telemetry;

import io.sallyport.telemetry.SeriesLabels.Protocol;

/// What a series is known by, and shown with.
interface ShownLabels {
    Protocol protocol();

    /// Hands over the labels.
    void write(InstanceLabels instance, LabelSink out);

    /// What the destination has a say in.
    Outcome outcome();

    /// @param destination the host; empty for none
    /// @param code the HTTP status, or what a Telemetry has made of it, likewise of `status`
    record Outcome(String destination, String code, String status) {}
}
