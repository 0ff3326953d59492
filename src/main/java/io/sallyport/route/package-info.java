/// Which route a request takes, and what the route does with it. Pure: no sockets, no files, no clock.
///
/// A request is matched in this order:
/// 1. [io.sallyport.net.HostName] turns the Host field into one canonical host, [PathNormalizer] the request
///    target into one canonical path. Authorization, routing and the upstream all see these two and nothing else.
/// 2. [HostIndex] finds the virtual host: the exact domain, else the longest wildcard, else `*`.
/// 3. [RouteIndex] finds the first [RouteMatch] that holds, in the order that [RouteOrder] gave.
/// 4. The [RouteAction] says what happens: [Forward], [Redirect] or [DirectResponse].
///
/// [RouteIndex#triedBefore] gives the reasons of every match that did not hold.
@NullMarked
package io.sallyport.route;

import org.jspecify.annotations.NullMarked;
