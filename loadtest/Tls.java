import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The client's side of TLS.
final class Tls {
    private Tls() {}

    /// A context without sessions to resume: its first connection sees the certificate that is served now.
    static SSLContext trusting(List<ServerCertificate> certificates) throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (ServerCertificate certificate : certificates) {
                store.setCertificateEntry(certificate.name(), certificate.certificate());
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (java.io.IOException impossible) {
            throw new GeneralSecurityException(impossible);
        }
    }
}
