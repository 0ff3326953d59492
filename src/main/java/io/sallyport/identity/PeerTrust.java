package io.sallyport.identity;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Verifies a peer: first its path to a trusted authority, then what the spec asks of its leaf.
final class PeerTrust extends X509ExtendedTrustManager {
    private static final X509Certificate[] NONE = {};

    private final @Nullable PkixTrust pkix;
    private final PeerCheck check;

    /// @param pkix null: any certificate will do
    PeerTrust(@Nullable PkixTrust pkix, PeerCheck check) {
        this.pkix = pkix;
        this.check = check;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (pkix != null) {
            try {
                pkix.manager().checkClientTrusted(chain, authType, engine);
            } catch (PeerCertificateException e) {
                throw e;
            } catch (CertificateException e) {
                throw new PeerCertificateException(e);
            }
        }
        check.check(chain[0], "");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (pkix != null) {
            try {
                pkix.manager().checkServerTrusted(chain, authType, engine);
            } catch (PeerCertificateException e) {
                throw e;
            } catch (CertificateException e) {
                throw new PeerCertificateException(e);
            }
        }
        String name = engine.getPeerHost();
        check.check(chain[0], name == null ? "" : name);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return pkix == null ? NONE : pkix.authorities();
    }

    // Only engines are used here. Without one the name to expect is not known, so nothing can be trusted.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("there is no engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("there is no engine");
    }
}
