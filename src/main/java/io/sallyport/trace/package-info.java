/// Which trace a request belongs to: its context is read and written, and whether it is sampled is decided.
@NullMarked
package io.sallyport.trace;

import org.jspecify.annotations.NullMarked;
