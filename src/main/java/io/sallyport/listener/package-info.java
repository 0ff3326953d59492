/// Bound ports and the connections that come in on them: TLS termination, SNI, passthrough, PROXY protocol, drain.
///
/// [io.sallyport.listener.ListenerSet] binds what a snapshot asks for; [io.sallyport.listener.ConnectionSetup] gives
/// each new connection the handlers of the filter chain that takes it.
@NullMarked
package io.sallyport.listener;

import org.jspecify.annotations.NullMarked;
