package io.sallyport.outcome;

/// Messages of gRPC in the bodies of one exchange.
public final class GrpcMessages {
    /// That were sent to the endpoint.
    public long request;
    /// That it has sent.
    public long response;
}
