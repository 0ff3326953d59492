package io.sallyport.route;

/// A cluster that gets a copy of some requests, whose answers nobody reads (`HTTPMirrorPolicy`).
///
/// @param clusterName as in [WeightedCluster]
/// @param share of the requests that are copied
public record Mirror(String clusterName, Fraction share) {}
