/// What is known of services and shared by all event loops: clusters, their endpoints and addresses, health, outlier
/// detection, circuit breakers and retry budgets.
///
/// A [ClusterSpec] says what a cluster is; equal specs keep the running [Cluster] over a reload. A [ClusterRegistry]
/// holds the clusters of one generation.
@NullMarked
package io.sallyport.cluster;

import org.jspecify.annotations.NullMarked;
