/// The access log, and metrics of requests, clusters, listeners and the configuration.
@NullMarked
package io.sallyport.telemetry;

import org.jspecify.annotations.NullMarked;
