package io.sallyport.identity;

import java.security.cert.X509Certificate;

/// What is asked of a peer's leaf certificate once its path to a trusted authority is proven.
public interface PeerCheck {
    /// @param name that the connection was opened for; empty on the server's side
    void check(X509Certificate leaf, String name) throws PeerCertificateException;

    default PeerCheck and(PeerCheck next) {
        return (leaf, name) -> {
            check(leaf, name);
            next.check(leaf, name);
        };
    }
}
