/// Maps that share what is the same with those they were made of, and what is different between lists. Both go by the
/// objects themselves.
@NullMarked
package io.sallyport.persistent;

import org.jspecify.annotations.NullMarked;
