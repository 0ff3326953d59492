package io.sallyport.jwks;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.net.AddressGuard;

/// By which an origin is reached.
///
/// @param cluster of the origin's own host
/// @param elsewhere on the addresses of another host, where the issuer's document leads there
public record KeyRoute(ClusterSpec cluster, AddressGuard elsewhere) {}
