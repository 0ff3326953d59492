package io.sallyport.config.index;

import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.VirtualService;

/// An HTTP route as it takes effect, delegation done.
///
/// @param route never a delegation itself
/// @param declaredIn whose namespace completes the short names of the route's destinations: the delegate where there
///     is one
/// @param index of the route in `declaredIn.http()`
/// @param rootIndex of the route in the `http` of the VirtualService with the hosts
public record EffectiveHttpRoute(HttpRoute route, VirtualService declaredIn, int index, int rootIndex) {}
