package io.sallyport.tls;

/// The TLS versions that can be offered. TLS 1.0 and 1.1 are deprecated by RFC 8996 and never are.
public enum TlsVersion {
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String jsseName;

    TlsVersion(String jsseName) {
        this.jsseName = jsseName;
    }

    /// The name that `SSLEngine` and OpenSSL's provider use: `TLSv1.2`, `TLSv1.3`.
    public String jsseName() {
        return jsseName;
    }
}
