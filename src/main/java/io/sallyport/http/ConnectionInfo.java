package io.sallyport.http;

import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is known of a connection once it carries requests; made once a connection.
///
/// @param id unique in this process
/// @param peer the socket's other end
/// @param remote the client: the peer, or what a PROXY protocol header names as such
/// @param local the address that the client connected to: the socket's own, or what that header names
/// @param tls null for plain text
public record ConnectionInfo(
        long id,
        SocketAddress peer,
        SocketAddress remote,
        SocketAddress local,
        @Nullable Tls tls) {

    /// Without a PROXY protocol header.
    public ConnectionInfo(long id, SocketAddress remote, SocketAddress local, @Nullable Tls tls) {
        this(id, remote, remote, local, tls);
    }

    /// @param protocol `TLSv1.3`
    /// @param cipherSuite IANA name
    /// @param sni the server name of the ClientHello in lower case, or null
    /// @param alpn the protocol agreed on, or null
    /// @param peerCertificate the client's leaf certificate, verified, or null
    /// @param peerIdentity the SPIFFE id or first URI SAN of that certificate, or null
    /// @param peerChain what the client has sent, that certificate first; empty where there is none, or it is not
    ///     verified
    public record Tls(
            String protocol,
            String cipherSuite,
            @Nullable String sni,
            @Nullable String alpn,
            @Nullable X509Certificate peerCertificate,
            @Nullable String peerIdentity,
            List<X509Certificate> peerChain) {
        /// Without further certificates.
        public Tls(
                String protocol,
                String cipherSuite,
                @Nullable String sni,
                @Nullable String alpn,
                @Nullable X509Certificate peerCertificate,
                @Nullable String peerIdentity) {
            this(
                    protocol,
                    cipherSuite,
                    sni,
                    alpn,
                    peerCertificate,
                    peerIdentity,
                    peerCertificate == null ? List.of() : List.of(peerCertificate));
        }
    }

    public boolean isTls() {
        return tls != null;
    }

    public String scheme() {
        return tls == null ? "http" : "https";
    }
}
