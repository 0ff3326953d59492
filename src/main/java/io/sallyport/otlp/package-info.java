/// Spans and access log of requests that have ended, and all metrics, sent to collectors by OTLP.
@NullMarked
package io.sallyport.otlp;

import org.jspecify.annotations.NullMarked;
