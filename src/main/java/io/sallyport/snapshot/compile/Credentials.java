package io.sallyport.snapshot.compile;

import io.sallyport.config.model.Position;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialDirectory;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Reads certificates, keys and authorities from where resources say they are, and reports what is wrong with them at
/// the resource that asks for them.
final class Credentials {
    private final CompileOptions options;
    private final Compilation.Problems problems;
    private final Instant now;
    private @Nullable WorkloadIdentity identity;

    Credentials(CompileOptions options, Compilation.Problems problems, Instant now) {
        this.options = options;
        this.problems = problems;
        this.now = now;
    }

    /// Where a resource asks for credentials, for messages.
    record Asker(String namespace, Position at, String field) {}

    /// True where secrets cannot be read at all, because the caller has no directory of them.
    boolean areUnknown() {
        return options.secrets() == null;
    }

    /// The certificate and key of a secret; null where it cannot be used, which is then reported, or where there is no
    /// such secret, which the analysis reports.
    @Nullable
    Credential secret(String name, Asker asker) {
        CredentialDirectory secrets = options.secrets();
        if (secrets == null || !secrets.exists(asker.namespace(), name)) {
            return null;
        }
        try {
            return checked(secrets.credential(asker.namespace(), name), asker);
        } catch (CredentialException failure) {
            report(TlsProblem.UNUSABLE_CREDENTIAL, failure, asker);
            return null;
        }
    }

    /// The authorities of a secret; null where it holds none or cannot be used.
    @Nullable
    TrustBundle secretTrust(String name, Asker asker) {
        CredentialDirectory secrets = options.secrets();
        if (secrets == null || !secrets.exists(asker.namespace(), name)) {
            return null;
        }
        try {
            return secrets.trust(asker.namespace(), name);
        } catch (CredentialException failure) {
            report(TlsProblem.UNUSABLE_TRUST_BUNDLE, failure, asker);
            return null;
        }
    }

    /// A certificate and key from two files; as with a secret, not looked for where there is no directory of secrets:
    /// the files are where the gateway runs.
    @Nullable
    Credential files(String certificate, String key, Asker asker) {
        if (areUnknown()) {
            return null;
        }
        try {
            return checked(Credential.read(Path.of(certificate), Path.of(key)), asker);
        } catch (CredentialException failure) {
            report(TlsProblem.UNUSABLE_CREDENTIAL, failure, asker);
            return null;
        }
    }

    /// Authorities and, unless empty, a revocation list from files, as [#files].
    @Nullable
    TrustBundle trustFiles(String authorities, String crl, Asker asker) {
        if (areUnknown()) {
            return null;
        }
        try {
            return TrustBundle.read(Path.of(authorities), crl.isEmpty() ? null : Path.of(crl));
        } catch (CredentialException failure) {
            report(TlsProblem.UNUSABLE_TRUST_BUNDLE, failure, asker);
            return null;
        }
    }

    /// The gateway's own place in the mesh, read once a compilation; null where there is none or it cannot be used.
    ///
    /// @param without what is wrong where there is none
    @Nullable
    WorkloadIdentity identity(Asker asker, TlsProblem without) {
        Path directory = options.identityDirectory();
        if (directory == null || !Files.isDirectory(directory)) {
            if (!areUnknown()) {
                problems.add(
                        without,
                        asker.at(),
                        asker.field(),
                        "ISTIO_MUTUAL needs the gateway's own certificate",
                        directory == null
                                ? "set sallyport.identity.dir"
                                : "mount it at " + directory + ", or set sallyport.identity.dir");
            }
            return null;
        }
        if (identity == null) {
            try {
                identity = WorkloadIdentity.read(directory);
            } catch (CredentialException failure) {
                report(TlsProblem.UNUSABLE_CREDENTIAL, failure, asker);
                return null;
            }
        }
        return checked(identity.svid(), asker) == null ? null : identity;
    }

    private @Nullable Credential checked(Credential credential, Asker asker) {
        if (credential.isExpired(now)) {
            problems.add(
                    TlsProblem.EXPIRED_CERTIFICATE,
                    asker.at(),
                    asker.field(),
                    "the certificate of " + credential.leaf().getSubjectX500Principal() + " expired on "
                            + credential.leaf().getNotAfter().toInstant(),
                    "renew it");
            return null;
        }
        for (String warning : credential.warnings(now)) {
            problems.add(TlsProblem.CREDENTIAL_WARNING, asker.at(), asker.field(), warning, null);
        }
        return credential;
    }

    void report(TlsProblem code, CredentialException failure, Asker asker) {
        problems.add(code, asker.at(), asker.field(), failure.source() + ": " + failure.problem(), failure.remedy());
    }
}
