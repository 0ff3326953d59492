/// The gateway's identity from a SPIFFE Workload API, as SPIRE's and Istio's agents serve it on the machine.
@NullMarked
package io.sallyport.workload;

import org.jspecify.annotations.NullMarked;
