package io.sallyport.identity;

import java.nio.file.Path;

/// The gateway's own place in the mesh: its SVID and the mesh's roots, as cert-manager's SPIFFE driver, Istio's agent
/// (`cert-chain.pem`, `key.pem`, `root-cert.pem`) or a TLS secret lay them into a directory.
///
/// @param id the one SPIFFE identity of the SVID
public record WorkloadIdentity(Credential svid, TrustBundle trust, SpiffeId id) {

    public static WorkloadIdentity read(Path directory) throws CredentialException {
        SecretFiles files = new SecretFiles(directory);
        Credential svid = files.credential();
        TrustBundle trust = files.trust();
        if (trust == null) {
            throw new CredentialException(
                    directory.toString(), "holds no root certificate of the mesh", "add ca.crt or root-cert.pem");
        }
        SpiffeId id = PeerIdentity.of(svid.leaf()).spiffe();
        if (id == null || id.path().isEmpty()) {
            throw new CredentialException(
                    directory.toString(),
                    "the certificate is no SVID: it needs exactly one URI name, spiffe://<trust domain>/<path>",
                    "have the mesh's authority issue one");
        }
        return new WorkloadIdentity(svid, trust, id);
    }
}
