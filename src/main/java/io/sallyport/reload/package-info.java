/// The transaction of a configuration change: read, compile, bind, warm up, swap, drain what is gone. A failure in any
/// step leaves the generation before it in place.
@NullMarked
package io.sallyport.reload;

import org.jspecify.annotations.NullMarked;
