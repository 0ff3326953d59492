package io.sallyport.cluster;

/// Istio's `TCPSettings.TcpKeepalive`; 0 leaves it to the operating system.
///
/// @param probes unanswered probes until the connection is given up
/// @param timeSeconds idle time before the first probe
/// @param intervalSeconds time between probes
public record TcpKeepalive(int probes, int timeSeconds, int intervalSeconds) {}
