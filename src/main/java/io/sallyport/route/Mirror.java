package io.sallyport.route;

/// A cluster that gets a copy of some requests, whose responses are discarded (`HTTPMirrorPolicy`).
///
/// @param clusterName as in [WeightedCluster]
/// @param share of the requests that are copied
public record Mirror(String clusterName, Fraction share) {}
