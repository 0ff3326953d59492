/// The gateway's own calls to services: an HTTP request with its whole answer, and gRPC. They go through the
/// clusters and connections that requests use, so limits, TLS, the address guard and the accounting of endpoints
/// hold for them, too.
@NullMarked
package io.sallyport.call;

import org.jspecify.annotations.NullMarked;
