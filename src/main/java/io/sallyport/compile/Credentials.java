package io.sallyport.compile;

import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.identity.CertificatesInUse;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.CredentialStore;
import io.sallyport.identity.IdentitySource;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the certificates, keys and authorities that resources refer to, and reports what is wrong with them at the
/// resource that does.
///
/// What has become unusable stays in use as it last was: a bad credential concerns its own servers and clusters only.
final class Credentials {
    private final CompileOptions options;
    /// Each once: a credential that two servers share is reported where it is met first.
    private final Set<Problem> problems = new LinkedHashSet<>();
    private final Instant now;
    private final Kept before;
    private final Set<Path> files = new HashSet<>();
    private @Nullable Instant nextValid;
    private boolean unread;
    private final Kept kept = new Kept(new HashMap<>(), new HashMap<>(), new HashMap<>());

    /// The last usable version of each credential, by its source: `namespace/name` of a secret, or a path.
    record Kept(
            Map<String, Credential> credentials,
            Map<String, TrustBundle> bundles,
            Map<String, WorkloadIdentity> identities) {
        static final Kept NOTHING = new Kept(Map.of(), Map.of(), Map.of());
    }

    private interface Reader<T extends @Nullable Object> {
        T read() throws CredentialException;
    }

    /// @param before what the last compilation kept
    Credentials(CompileOptions options, Instant now, Kept before) {
        this.options = options;
        this.now = now;
        this.before = before;
    }

    /// Where a resource refers to credentials, for messages.
    record Asker(String namespace, Position at, String field) {}

    private boolean areUnknown() {
        return options.secrets() == null;
    }

    /// For the next compilation.
    Kept kept() {
        return kept;
    }

    List<Problem> problems() {
        return List.copyOf(problems);
    }

    /// Reports that what a resource describes could not be made, for a reason that nobody has thought of.
    void report(RuntimeException failure, ResourceMeta resource) {
        StackTraceElement[] trace = failure.getStackTrace();
        String message = "the gateway fails at it: " + failure + (trace.length == 0 ? "" : " at " + trace[0]);
        problems.add(Problem.of(ProblemCode.NOT_COMPILED, resource.at(), "", message, "report it, with the resource"));
    }

    /// Reports a problem at the resource that refers to the credentials.
    void report(ProblemCode code, Asker asker, String message, @Nullable String hint) {
        problems.add(Problem.of(code, asker.at(), asker.field(), message, hint));
    }

    CertificatesInUse inUse() {
        Map<String, TrustBundle> authorities = new HashMap<>();
        kept.bundles().forEach((source, bundle) -> authorities.put(label(source), bundle));
        kept.identities().forEach((source, identity) -> {
            authorities.put(source + "/ca.crt", identity.trust());
            identity.trust().federated().forEach((domain, bundle) -> authorities.put(source + "/" + domain, bundle));
        });
        return new CertificatesInUse(kept.credentials(), authorities, files, nextValid, unread);
    }

    /// `namespace/name/ca.crt` for a secret; for files the path of the authorities, without that of the revocation
    /// list.
    private static String label(String source) {
        int bar = source.indexOf('|');
        return bar < 0 ? source + "/ca.crt" : source.substring(0, bar);
    }

    /// The certificate and key of a secret; null where it cannot be used and never could, which is then reported, or
    /// where there is no such secret, which the analysis reports.
    @Nullable
    Credential secret(String name, Asker asker) {
        CredentialStore secrets = options.secrets();
        if (secrets == null) {
            return null;
        }
        String source = asker.namespace() + "/" + name;
        return !isPending(name, false, asker) && secrets.exists(asker.namespace(), name)
                ? read(source, () -> secrets.credential(asker.namespace(), name), asker)
                : served(source, before.credentials().get(source), asker);
    }

    /// Whether nobody knows yet what a secret holds, or whether it is there.
    boolean isPending(String name, boolean authorities, Asker asker) {
        CredentialStore secrets = options.secrets();
        return secrets != null && secrets.isPending(new CredentialStore.Use(asker.namespace(), name, authorities));
    }

    /// The authorities of a secret; null where it holds none or cannot be used, and never could.
    @Nullable
    TrustBundle secretTrust(String name, Asker asker) {
        CredentialStore secrets = options.secrets();
        if (secrets == null) {
            return null;
        }
        String source = asker.namespace() + "/" + name;
        return !isPending(name, true, asker) && secrets.exists(asker.namespace(), name)
                ? readTrust(source, () -> secrets.trust(asker.namespace(), name), asker)
                : trusted(source, before.bundles().get(source));
    }

    /// A certificate and key from two files; as with a secret, not looked for where there is no directory of secrets:
    /// the files are where the gateway runs.
    @Nullable
    Credential files(String certificate, String key, Asker asker) {
        if (areUnknown()) {
            return null;
        }
        name(certificate);
        name(key);
        return read(certificate, () -> Credential.read(Path.of(certificate), Path.of(key)), asker);
    }

    /// Authorities and, unless empty, a revocation list from files, as [#files].
    @Nullable
    TrustBundle trustFiles(String authorities, String crl, Asker asker) {
        if (areUnknown()) {
            return null;
        }
        name(authorities);
        name(crl);
        return readTrust(
                authorities + "|" + crl,
                () -> TrustBundle.read(Path.of(authorities), crl.isEmpty() ? null : Path.of(crl)),
                asker);
    }

    private void name(String file) {
        if (!file.isEmpty()) {
            files.add(Path.of(file));
        }
    }

    /// The gateway's own place in the mesh; null where there is none or it cannot be used, and never could.
    ///
    /// @param without what is wrong where there is none
    @Nullable
    WorkloadIdentity identity(Asker asker, ProblemCode without) {
        IdentitySource from = options.identity();
        if (from == null) {
            return null;
        }
        String source = from.name();
        WorkloadIdentity last = from.isWithdrawn() ? null : before.identities().get(source);
        WorkloadIdentity found = kept.identities().get(source);
        if (found == null) {
            try {
                found = from.read();
            } catch (CredentialException failure) {
                report(without, failure, asker, last != null);
            }
        }
        if (found != null && !options.trustDomains().names().contains(found.id().trustDomain())) {
            // Its authorities would vouch for peers that name another domain than theirs.
            report(
                    without,
                    asker,
                    "the gateway's certificate is of trust domain " + found.id().trustDomain() + ", not of "
                            + String.join(", ", options.trustDomains().names()),
                    "set sallyport.trust-domain, or sallyport.trust-domain-aliases");
            found = null;
        }
        WorkloadIdentity used = found;
        if (found == null) {
            used = last;
        } else if (last != null && isWorse(found.svid(), last.svid(), asker)) {
            // Whom to trust does not wait for the certificate that came with it.
            used = new WorkloadIdentity(last.svid(), found.trust(), last.id());
        }
        if (used != null) {
            kept.identities().put(source, used);
            served(source, used.svid(), asker);
        }
        return used;
    }

    /// Whether the gateway has a place in the mesh, or had one. Where identities are not read it is taken to have one.
    boolean hasIdentity() {
        IdentitySource from = options.identity();
        return from == null || from.isProvided() || before.identities().containsKey(from.name());
    }

    private @Nullable Credential read(String source, Reader<Credential> reader, Asker asker) {
        Credential last = before.credentials().get(source);
        try {
            Credential found = reader.read();
            return served(source, isWorse(found, last, asker) ? last : found, asker);
        } catch (CredentialException failure) {
            report(ProblemCode.UNUSABLE_CREDENTIAL, failure, asker, last != null);
            return served(source, last, asker);
        }
    }

    private @Nullable TrustBundle readTrust(String source, Reader<@Nullable TrustBundle> reader, Asker asker) {
        TrustBundle last = before.bundles().get(source);
        try {
            TrustBundle found = reader.read();
            return trusted(source, found == null ? last : found);
        } catch (CredentialException failure) {
            report(ProblemCode.UNUSABLE_TRUST_BUNDLE, failure, asker, last != null);
            return trusted(source, last);
        }
    }

    /// Somebody has put a certificate that has expired, or is not valid yet, in place of one that is valid.
    private boolean isWorse(Credential found, @Nullable Credential last, Asker asker) {
        boolean lastIsValid = last != null && !last.isExpired(now) && !last.isNotYetValid(now);
        if (!lastIsValid || found.equals(last)) {
            return false;
        }
        String what = "the new certificate of " + Credential.subject(found.leaf());
        if (found.isExpired(now)) {
            report(
                    ProblemCode.EXPIRED_CERTIFICATE,
                    asker,
                    what + " expired on " + found.end() + "; the one before it is served on",
                    "give one that is valid");
            return true;
        }
        if (found.isNotYetValid(now)) {
            Instant start = found.leaf().getNotBefore().toInstant();
            nextValid = nextValid == null || start.isBefore(nextValid) ? start : nextValid;
            report(
                    ProblemCode.CREDENTIAL_WARNING,
                    asker,
                    what + " is not valid before " + start + "; the one before it is served until then",
                    null);
            return true;
        }
        return false;
    }

    private @Nullable Credential served(String source, @Nullable Credential credential, Asker asker) {
        if (credential == null) {
            return null;
        }
        kept.credentials().put(source, credential);
        for (String warning : credential.warnings(now)) {
            boolean expired = credential.isExpired(now);
            report(
                    expired ? ProblemCode.EXPIRED_CERTIFICATE : ProblemCode.CREDENTIAL_WARNING,
                    asker,
                    source + ": " + warning,
                    expired ? "renew it; it is served until then" : null);
        }
        return credential;
    }

    private @Nullable TrustBundle trusted(String source, @Nullable TrustBundle bundle) {
        if (bundle != null) {
            kept.bundles().put(source, bundle);
        }
        return bundle;
    }

    private void report(ProblemCode code, CredentialException failure, Asker asker, boolean hasLast) {
        unread |= failure.mayPass();
        report(
                code,
                asker,
                failure.source() + ": " + failure.problem() + (hasLast ? "; what it held before is served on" : ""),
                failure.remedy());
    }

    void report(ProblemCode code, CredentialException failure, Asker asker) {
        report(code, failure, asker, false);
    }
}
