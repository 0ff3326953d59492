/// How a request ended: its failure as a [ProxyException] with a [ResponseFlag], and the facts that log, metrics and
/// traces report of it.
@NullMarked
package io.sallyport.outcome;

import org.jspecify.annotations.NullMarked;
