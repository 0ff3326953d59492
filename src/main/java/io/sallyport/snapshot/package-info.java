/// Compiles configuration into one immutable [io.sallyport.snapshot.Snapshot] and swaps it.
///
/// Nothing of `config` reaches the data path: what a request needs stands here, translated and indexed.
@NullMarked
package io.sallyport.snapshot;

import org.jspecify.annotations.NullMarked;
