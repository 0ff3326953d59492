package io.sallyport.telemetry;

import io.sallyport.telemetry.SeriesLabels.Protocol;

/// What a series is known by, and shown with.
interface ShownLabels {
    Protocol protocol();

    /// Hands over the labels.
    void write(InstanceLabels instance, LabelSink out);
}
