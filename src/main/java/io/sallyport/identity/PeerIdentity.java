package io.sallyport.identity;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Who a verified certificate says its holder is.
///
/// @param certificate the leaf
/// @param uri the URI name, null if there is none or more than one
/// @param spiffe that URI name as a SPIFFE identity, null if it is none
/// @param dns names in lower case
public record PeerIdentity(
        X509Certificate certificate,
        @Nullable String uri,
        @Nullable SpiffeId spiffe,
        List<String> dns) {

    public static PeerIdentity of(X509Certificate leaf) {
        SubjectAltNames names = SubjectAltNames.of(leaf);
        String uri = names.uris().size() == 1 ? names.uris().getFirst() : null;
        return new PeerIdentity(leaf, uri, uri == null ? null : SpiffeId.parse(uri), List.copyOf(names.dns()));
    }

    /// The peer of a finished handshake; null where it showed no certificate.
    public static @Nullable PeerIdentity of(SSLSession session) {
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate leaf ? of(leaf) : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /// All certificates that the peer of a finished handshake has sent, its own first; empty where there are none.
    public static List<X509Certificate> chain(SSLSession session) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : session.getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    chain.add(x509);
                }
            }
            return List.copyOf(chain);
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    /// Whether the certificate is within its dates now. A resumed session's may have expired since it was verified.
    public boolean isCurrent() {
        try {
            PeerChecks.CURRENT.check(certificate, "");
            return true;
        } catch (PeerCertificateException e) {
            return false;
        }
    }
}
