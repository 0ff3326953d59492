package io.sallyport.identity;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The public authorities that the machine trusts: the operating system's file, else those of the JDK. Read once.
public final class SystemRoots {
    /// Where Debian, Fedora, SUSE, Alpine and their kin keep them.
    private static final List<String> FILES = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem");

    private static @Nullable TrustBundle roots;

    private SystemRoots() {}

    public static synchronized TrustBundle get() throws CredentialException {
        if (roots == null) {
            roots = load();
        }
        return roots;
    }

    private static TrustBundle load() throws CredentialException {
        String named = System.getenv("SSL_CERT_FILE");
        if (named != null && !named.isBlank()) {
            return TrustBundle.read(Path.of(named), null);
        }
        for (String file : FILES) {
            Path path = Path.of(file);
            if (Files.isReadable(path)) {
                return TrustBundle.read(path, null);
            }
        }
        try {
            return new TrustBundle(List.of(PkixTrust.jdkRoots()), List.of());
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CredentialException(
                    "the system's CA certificates",
                    "there are none",
                    "install the package ca-certificates, set SSL_CERT_FILE, or name a CA",
                    e);
        }
    }
}
