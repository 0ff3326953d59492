package io.sallyport.discovery.kubernetes;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// What becomes of the objects of one kind; on one thread at a time.
///
/// @param bare takes from an object what the cache need not keep
record ObjectReader<T>(UnaryOperator<T> bare, Consumer<T> put, Consumer<T> remove) {}
