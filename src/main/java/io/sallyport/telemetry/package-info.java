/// What is told about requests: response flags, the facts of each request, access log and metrics.
@NullMarked
package io.sallyport.telemetry;

import org.jspecify.annotations.NullMarked;
