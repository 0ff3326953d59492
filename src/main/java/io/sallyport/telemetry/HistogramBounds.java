package io.sallyport.telemetry;

import java.util.List;

/// Upper bounds of the buckets of Istio's histograms, rising; empty for none.
///
/// @param durations milliseconds
/// @param requestSizes bytes
/// @param responseSizes bytes
public record HistogramBounds(List<Double> durations, List<Double> requestSizes, List<Double> responseSizes) {
    public HistogramBounds {
        durations = List.copyOf(durations);
        requestSizes = List.copyOf(requestSizes);
        responseSizes = List.copyOf(responseSizes);
    }
}
