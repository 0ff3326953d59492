package io.sallyport.config.model;

/// `Delegate`: another VirtualService, without hosts, that has the routes.
///
/// @param namespace `""` is the namespace of the VirtualService that delegates
public record Delegate(String name, String namespace, Position at) {}
