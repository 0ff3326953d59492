package io.sallyport.cluster;

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
    /// The cluster's own host, at the port that each request asks for: a host of which nobody has listed the ports.
    ASKED_PORT,
    /// The endpoints come from a service registry ([EndpointFeed]).
    DISCOVERED
}
