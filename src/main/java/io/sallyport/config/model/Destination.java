package io.sallyport.config.model;

/// `Destination`: a service, and perhaps a part of it.
///
/// @param host a name; one without dots stands in the VirtualService's namespace
/// @param subset of the host's DestinationRule; `""` is the whole service
/// @param port `port.number`; 0 is absent, which is right where the service has one port
public record Destination(String host, String subset, int port, Position at) {}
