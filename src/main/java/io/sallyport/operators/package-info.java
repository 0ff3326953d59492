/// What Envoy's command operators and CEL's attributes stand for, by the facts of a request. [io.sallyport.format]
/// parses
/// them.
@NullMarked
package io.sallyport.operators;

import org.jspecify.annotations.NullMarked;
