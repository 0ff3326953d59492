package io.sallyport.cluster;

/// An event loop that has connections to a cluster. Called on any thread.
public interface ClusterObserver {
    /// The cluster has other endpoints than before, or is of no generation any more: [Cluster#endpoints()] and
    /// [Cluster#isClosed()] show which.
    void onChanged();

    /// A pool has no connection, and the cluster as many as it may have: one that is idle is to be closed.
    void onConnectionWanted();
}
