package io.sallyport.telemetry;

/// The figures of one listener at one moment.
///
/// @param listener where it is bound, `0.0.0.0:8443`
/// @param shedTotal connections over the limit, closed at once
public record ListenerSample(String listener, long connectionsActive, long connectionsTotal, long shedTotal) {}
