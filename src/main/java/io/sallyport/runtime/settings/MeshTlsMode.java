package io.sallyport.runtime.settings;

/// What the mesh listener's own TLS asks of clients (Istio `ServerTLSSettings.TLSmode`, those that end TLS).
public enum MeshTlsMode {
    /// No certificate.
    SIMPLE,
    /// A certificate of the credential's CA.
    MUTUAL,
    /// A certificate is checked where one is sent.
    OPTIONAL_MUTUAL,
    /// A SPIFFE identity of the mesh's trust domain; the gateway shows its own.
    ISTIO_MUTUAL
}
