/// Puts the parts of a running gateway together: the one place that knows all of them.
@NullMarked
package io.sallyport.runtime;

import org.jspecify.annotations.NullMarked;
