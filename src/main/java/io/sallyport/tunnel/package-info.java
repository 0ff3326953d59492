/// Relays bytes both ways: TCP routes, TLS passthrough, and the tunnels that CONNECT opens.
@NullMarked
package io.sallyport.tunnel;

import org.jspecify.annotations.NullMarked;
