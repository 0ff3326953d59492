/// One generation of the configuration as the data path reads it: immutable listeners, filter chains, routes and
/// clusters, and the one reference that is swapped.
///
/// Nothing of `config` reaches the data path: what a request needs is here, translated and indexed.
@NullMarked
package io.sallyport.snapshot;

import org.jspecify.annotations.NullMarked;
