package io.sallyport.workload;

import io.sallyport.cluster.Cluster;
import io.sallyport.upstream.UpstreamLoop;

/// A Workload API that can be asked, on one event loop.
///
/// @param service and where it is, for messages: `the Workload API at unix:///run/agent.sock`
record Agent(UpstreamLoop loop, Cluster cluster, String service) {}
