package io.sallyport.identity;

/// The gateway's own place in the mesh: its SVID and the mesh's roots.
///
/// @param id the one SPIFFE identity of the SVID
public record WorkloadIdentity(Credential svid, TrustBundle trust, SpiffeId id) {
    /// @param source for messages
    /// @throws CredentialException where the certificate is none that identifies a workload (X.509-SVID sections
    ///     2 and 4)
    public static WorkloadIdentity of(Credential svid, TrustBundle trust, String source) throws CredentialException {
        SpiffeId id = PeerIdentity.of(svid.leaf()).spiffe();
        if (id == null || id.path().isEmpty()) {
            throw new CredentialException(
                    source,
                    "the certificate is no SVID: it needs exactly one URI name, spiffe://<trust domain>/<path>",
                    "have the mesh's authority issue one");
        }
        if (PeerChecks.mayIssue(svid.leaf())) {
            throw new CredentialException(
                    source,
                    "the certificate is no SVID: it is an authority's own",
                    "have the mesh's authority issue one for a workload");
        }
        return new WorkloadIdentity(svid, trust, id);
    }
}
