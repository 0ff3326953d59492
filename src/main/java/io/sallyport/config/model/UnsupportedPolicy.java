package io.sallyport.config.model;

/// A security policy that Sallyport knows by name and cannot enforce yet. A configuration that holds one is refused:
/// serving without it would allow what its author meant to deny.
public record UnsupportedPolicy(ResourceMeta meta) implements Resource {}
