/// Holds `k8s/` and the images to what the gateway is and needs, without a cluster and without a container engine.
package io.sallyport.deploy;
