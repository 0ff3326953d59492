package io.sallyport.identity;

import java.nio.file.Files;
import java.nio.file.Path;

/// The gateway's identity as cert-manager's SPIFFE driver, Istio's agent (`cert-chain.pem`, `key.pem`, `root-cert.pem`)
/// or a TLS secret lay it into a directory.
public record IdentityDirectory(Path directory) implements IdentitySource {
    @Override
    public String name() {
        return directory.toString();
    }

    @Override
    public WorkloadIdentity read() throws CredentialException {
        if (!Files.isDirectory(directory)) {
            throw new CredentialException(
                    "ISTIO_MUTUAL",
                    "needs the gateway's own certificate",
                    "mount it at " + directory
                            + ", or set sallyport.identity.dir or sallyport.identity.endpoint-socket");
        }
        SecretFiles files = new SecretFiles(directory);
        Credential svid = files.credential();
        TrustBundle trust = files.trust();
        if (trust == null) {
            throw new CredentialException(
                    directory.toString(), "holds no root certificate of the mesh", "add ca.crt or root-cert.pem");
        }
        return WorkloadIdentity.of(svid, trust, directory.toString());
    }

    @Override
    public String fingerprint() {
        return SecretsDigest.of(directory);
    }

    /// An empty directory is one that nobody has put an identity into.
    @Override
    public boolean isProvided() {
        String[] entries = directory.toFile().list();
        return entries != null && entries.length > 0;
    }

    /// Files that are gone say nothing: they may be about to be replaced.
    @Override
    public boolean isWithdrawn() {
        return false;
    }
}
