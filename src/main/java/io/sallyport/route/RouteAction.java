package io.sallyport.route;

/// What a route does with a request.
public sealed interface RouteAction permits Forward, Redirect, DirectResponse {}
