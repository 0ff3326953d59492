package io.sallyport.telemetry;

/// How discovery stands, as the metrics show it.
///
/// @param connected changes are told as they happen
public record DiscoverySample(boolean synced, boolean connected, int services, int endpointSlices, int pods) {}
