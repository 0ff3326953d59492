package io.sallyport.otlp;

import io.sallyport.cluster.Cluster;
import io.sallyport.trace.Collector;

/// A collector and the way to it.
record Destination(Collector collector, Cluster cluster) {}
