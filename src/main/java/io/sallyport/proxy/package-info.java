/// The life of one request, from its head to the end of its response.
///
/// Read [io.sallyport.proxy.Exchange] first: its `serve` method is the request's way, top to bottom.
@NullMarked
package io.sallyport.proxy;

import org.jspecify.annotations.NullMarked;
