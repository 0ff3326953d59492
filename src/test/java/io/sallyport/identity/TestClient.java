package io.sallyport.identity;

import io.sallyport.testing.Issued;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// A JDK client. It shows its certificate whatever authorities the server says to accept, as clients in the wild do.
final class TestClient {
    private final SSLContext context;

    private TestClient(SSLContext context) {
        this.context = context;
    }

    /// @param identity the client's certificate, or null
    static TestClient trusting(Issued identity, X509Certificate... roots) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys =
                    identity == null ? null : new KeyManager[] {new ClientKeyManager(identity.credential())};
            context.init(keys, trustManagers(roots), null);
            return new TestClient(context);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static TrustManager[] trustManagers(X509Certificate... roots) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (X509Certificate root : roots) {
                store.setCertificateEntry(root.getSerialNumber().toString(), root);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            return trust.getTrustManagers();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    SSLContext context() {
        return context;
    }

    SSLEngine engine(String sni, String... alpn) {
        SSLEngine engine = context.createSSLEngine(sni, 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(sni)));
        parameters.setApplicationProtocols(alpn);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
