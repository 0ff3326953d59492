package io.sallyport.upstream;

/// How the addresses of a cluster's endpoints are found (Istio: `ServiceEntry.Resolution`).
public enum Discovery {
    /// Every endpoint is an IP literal or a Unix socket.
    STATIC,
    /// Every endpoint's name stands for all of its addresses: each of them is an endpoint of its own.
    STRICT_DNS,
    /// One name is one endpoint (`DNS_ROUND_ROBIN`): each new connection takes its next address, old connections stay.
    LOGICAL_DNS,
    /// The host that the request names is resolved (`NONE`, and `DYNAMIC_DNS` of wildcard hosts).
    DYNAMIC,
    /// Somebody keeps books of the endpoints ([EndpointFeed]): the mesh's own registry.
    DISCOVERED
}
