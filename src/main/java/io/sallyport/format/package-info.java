/// Envoy's command operators, `%REQ(X-ID)%`, as formats have them, and conditions in CEL: parsed once, when a
/// configuration is loaded; and plans of what is logged and counted. What operators stand for is looked up by
/// `operators`.
@NullMarked
package io.sallyport.format;

import org.jspecify.annotations.NullMarked;
