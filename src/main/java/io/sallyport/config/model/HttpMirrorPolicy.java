package io.sallyport.config.model;

import org.jspecify.annotations.Nullable;

/// `HTTPMirrorPolicy`: send a copy of a part of the requests and forget its answer.
///
/// @param percentage 0.0 to 100.0; null is 100
public record HttpMirrorPolicy(
        Destination destination, @Nullable Double percentage, Position at) {}
