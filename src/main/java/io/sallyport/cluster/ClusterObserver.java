package io.sallyport.cluster;

/// Who keeps something for a cluster: an event loop its connections. Called on any thread.
public interface ClusterObserver {
    /// The cluster has other endpoints than before; [Cluster#endpoints()] shows them.
    void onEndpointsChanged(Cluster cluster);

    /// A pool has no connection, and the cluster as many as it may have: one that is idle is to be closed.
    default void onConnectionWanted() {}

    /// The cluster is of no generation any more.
    void onClosed(Cluster cluster);
}
