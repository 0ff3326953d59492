/// The service's side: clusters, their endpoints and addresses, load balancing, and the connections to them.
///
/// A [ClusterSpec] says what a cluster is; equal specs keep the running [Cluster] over a reload. A [ClusterRegistry]
/// holds the clusters of one generation. Each event loop has one [UpstreamLoop], which owns that loop's connections and
/// gives them out: pick an [Endpoint], reuse an idle connection or open one, hand it to the [Acquisition].
@NullMarked
package io.sallyport.upstream;

import org.jspecify.annotations.NullMarked;
