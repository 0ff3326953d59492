package io.sallyport.identity;

/// Where the gateway's own place in the mesh comes from. Any thread may ask.
public interface IdentitySource {
    /// A directory's path, or `workload-api`: for messages, and for the metrics of certificates.
    String name();

    /// The identity as it is now.
    ///
    /// @throws CredentialException where there is none, or none that can be used
    WorkloadIdentity read() throws CredentialException;

    /// Differs where [#read] may return something else than before.
    String fingerprint();

    /// Whether somebody has given the gateway an identity, be it one that cannot be used, or is to give it one.
    boolean isProvided();

    /// Whether the gateway has been told that the identity it had is not its own any more. Otherwise the last one that
    /// could be used is served on, whatever [#read] says.
    boolean isWithdrawn();
}
