/// The gateway's identity from a service: a SPIFFE Workload API, as SPIRE's and Istio's agents serve it on the
/// machine, or Istio's own authority.
@NullMarked
package io.sallyport.workload;

import org.jspecify.annotations.NullMarked;
