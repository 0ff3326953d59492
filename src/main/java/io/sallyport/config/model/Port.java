package io.sallyport.config.model;

/// `Port` of a [Server].
///
/// @param number 1 to 65535
/// @param targetPort deprecated in Istio and ignored; 0 is absent
public record Port(int number, PortProtocol protocol, String name, int targetPort, Position at) {}
