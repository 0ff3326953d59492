package io.sallyport.testing;

import io.sallyport.identity.Credential;
import io.sallyport.identity.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;

/// A certificate that a test's authority issued.
///
/// @param chain the leaf, then its intermediates, without the root
/// @param root of the chain
public record Issued(List<X509Certificate> chain, PrivateKey key, X509Certificate root) {

    /// @param issuer null: self-signed
    static Issued of(X509Certificate certificate, PrivateKey key, Issued issuer) {
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        if (issuer != null && !issuer.certificate().equals(issuer.root())) {
            chain.addAll(issuer.chain());
        }
        return new Issued(chain, key, issuer == null ? certificate : issuer.root());
    }

    public X509Certificate certificate() {
        return chain.getFirst();
    }

    public Credential credential() {
        return new Credential(chain, key);
    }

    /// The root that it was issued under.
    public TrustBundle trust() {
        return new TrustBundle(List.of(root), List.of());
    }

    public String chainPem() {
        return TestPem.certificates(chain);
    }

    public String keyPem() {
        return TestPem.key(key);
    }

    /// Writes `tls.crt`, `tls.key` and `ca.crt` into `directory`, as a Kubernetes secret is mounted; makes it if need
    /// be.
    public Path writeSecret(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("tls.crt"), chainPem());
        Files.writeString(directory.resolve("tls.key"), keyPem());
        Files.writeString(directory.resolve("ca.crt"), TestPem.certificates(List.of(root)));
        return directory;
    }

    /// Key managers for a plain JDK client or server that presents this certificate.
    public KeyManagerFactory keyManagers() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("it", key, new char[0], chain.toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, new char[0]);
            return factory;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
