/// Bound ports and the connections that come in on them: TLS termination, SNI, passthrough, PROXY protocol, drain.
@NullMarked
package io.sallyport.listener;

import org.jspecify.annotations.NullMarked;
