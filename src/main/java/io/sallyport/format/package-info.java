/// Envoy's command operators, `%REQ(X-ID)%`, as the access log's formats have them: parsed once, when a configuration
/// is loaded. What they stand for is looked up by `telemetry`.
@NullMarked
package io.sallyport.format;

import org.jspecify.annotations.NullMarked;
