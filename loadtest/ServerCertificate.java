import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/// A certificate that signed itself, and its files.
///
/// @param name for messages
record ServerCertificate(String name, X509Certificate certificate, Path chain, Path key) {
    static final String HOST = "edge.example";

    /// Made by openssl.
    static ServerCertificate make(String name, Path work)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path chain = work.resolve(name + ".crt");
        Path key = work.resolve(name + ".key");
        Process openssl = new ProcessBuilder(
                        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + HOST, "-days", "30",
                        "-keyout", key.toString(), "-out", chain.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(openssl.getInputStream().readAllBytes());
        if (openssl.waitFor() != 0) {
            throw new IOException("openssl made no certificate: " + said);
        }
        try (InputStream in = Files.newInputStream(chain)) {
            X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            return new ServerCertificate(name, certificate, chain, key);
        }
    }
}
