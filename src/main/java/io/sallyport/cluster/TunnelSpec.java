package io.sallyport.cluster;

/// `TrafficPolicy.TunnelSettings`: the endpoint is asked to pass the bytes on.
///
/// @param target host and port as the request names them, `db.example.com:5432`; an IPv6 address in brackets
public record TunnelSpec(Method method, String target) {
    public enum Method {
        /// RFC 9110, 9.3.6.
        CONNECT,
        /// A request and a response whose bodies are the two directions.
        POST
    }
}
