package io.sallyport.webhook;

import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.SecretFiles;
import io.sallyport.identity.SecretsDigest;
import io.sallyport.tls.ServerKeys;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.file.Path;
import java.security.Principal;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/// The certificate of a Secret's files, which each new connection is shown as it was last read. One that cannot be
/// read leaves the one before in force.
final class ServedCertificate extends ServerKeys {
    private static final Logger LOG = System.getLogger(ServedCertificate.class.getName());

    /// Of a key and the chain that belongs to it, so that one handshake never mixes two certificates.
    private record Served(String alias, Credential credential) {}

    private final Path directory;
    private String digest;
    private volatile Served current;
    private volatile Served before;
    private @Nullable String warned;

    ServedCertificate(Path directory) throws CredentialException {
        this.directory = directory;
        this.digest = SecretsDigest.of(directory);
        this.current = new Served("0", new SecretFiles(directory).credential());
        warnOfValidity(current);
        this.before = current;
    }

    /// Reads the files where they have changed; blocks.
    synchronized void refresh() {
        String now = SecretsDigest.of(directory);
        if (!now.equals(digest)) {
            digest = now;
            readAnew();
        }
        warnOfValidity(current);
    }

    private void readAnew() {
        try {
            Credential credential = new SecretFiles(directory).credential();
            before = current;
            current = new Served(Integer.toString(Integer.parseInt(before.alias) + 1), credential);
            LOG.log(Level.INFO, "the certificate of {0} has changed; new connections get it", directory);
        } catch (CredentialException unusable) {
            LOG.log(Level.ERROR, "{0}; the certificate before it is served on", unusable.getMessage());
        }
    }

    /// Once of each.
    private void warnOfValidity(Served served) {
        try {
            served.credential.chain().getFirst().checkValidity();
        } catch (CertificateException outside) {
            if (served.alias.equals(warned)) {
                return;
            }
            warned = served.alias;
            LOG.log(
                    Level.WARNING,
                    "the certificate of {0} is not valid now: {1}; API servers refuse it",
                    directory,
                    outside.getMessage());
        }
    }

    @Override
    protected @Nullable Credential at(String alias) {
        Served now = current;
        Served earlier = before;
        return alias.equals(now.alias) ? now.credential : alias.equals(earlier.alias) ? earlier.credential : null;
    }

    private @Nullable String alias(String keyType) {
        Served now = current;
        String kind = algorithm(keyType);
        return now.credential.key().getAlgorithm().equals(kind) ? now.alias : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return alias(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return alias(keyType);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
        String alias = alias(keyType);
        return alias == null ? null : new String[] {alias};
    }
}
