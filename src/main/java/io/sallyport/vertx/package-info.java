/// The one place that knows Vert.x from inside.
@NullMarked
package io.sallyport.vertx;

import org.jspecify.annotations.NullMarked;
