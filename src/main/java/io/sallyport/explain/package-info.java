/// Answers what would become of a request, by the code that serves requests and without sending one.
@NullMarked
package io.sallyport.explain;

import org.jspecify.annotations.NullMarked;
