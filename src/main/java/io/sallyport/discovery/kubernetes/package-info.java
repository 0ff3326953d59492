/// Discovery by the Kubernetes API: lists and watches of Services, EndpointSlices, Pods and Nodes, of one
/// ConfigMap, of Secrets by their names and of Istio's resources.
///
/// It gets, lists and watches, and never writes. No class of it is loaded where `sallyport.discovery` is not set.
@NullMarked
package io.sallyport.discovery.kubernetes;

import org.jspecify.annotations.NullMarked;
