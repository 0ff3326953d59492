package io.sallyport.cluster;

/// What a cluster's connections speak.
public enum UpstreamProtocol {
    HTTP1,
    /// HTTP/2, over clear text with prior knowledge (RFC 9113, 3.3).
    HTTP2,
    /// HTTP/2; requests of gRPC-Web are made requests of gRPC (port protocol GRPC-WEB).
    GRPC_WEB,
    /// The endpoint chooses by ALPN; only with TLS. HTTP/1.1 where it says nothing.
    ALPN,
    /// The version that the client's request came in (`useClientProtocol`).
    CLIENT,
    /// HTTP/2 for gRPC requests, HTTP/1.1 for all others: for a service of which only the name is known.
    GRPC_AWARE,
    /// Bytes; only for [io.sallyport.upstream.TcpConnector].
    TCP
}
