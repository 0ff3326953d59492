package io.sallyport.config.model;

/// `ServicePort` of a [ServiceEntry].
///
/// @param number 1 to 65535
/// @param targetPort the endpoints' port; 0 is absent and means `number`
public record ServicePort(int number, PortProtocol protocol, String name, int targetPort, Position at) {

    /// The port to connect to on an endpoint that does not say otherwise.
    public int endpointPort() {
        return targetPort != 0 ? targetPort : number;
    }
}
