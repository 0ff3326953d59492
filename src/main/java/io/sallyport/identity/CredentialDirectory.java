package io.sallyport.identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The secrets directory: `<name>/…` or `<namespace>/<name>/…`, with the keys of a Kubernetes TLS secret (`tls.crt`,
/// `tls.key`, `ca.crt`, `ca.crl`) or of Istio's generic one (`cert`, `key`, `cacert`, `crl`). The namespace's own
/// directory wins.
public final class CredentialDirectory implements CredentialStore {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}");
    /// Of the directories that are secrets.
    private static final int DEPTH = 2;

    private final Path root;

    public CredentialDirectory(Path root) {
        this.root = root;
    }

    @Override
    public Credential credential(String namespace, String name) throws CredentialException {
        return new SecretFiles(existing(namespace, name)).credential();
    }

    @Override
    public @Nullable TrustBundle trust(String namespace, String name) throws CredentialException {
        Path separate = name.endsWith(CA_SUFFIX) ? null : find(namespace, name + CA_SUFFIX);
        Path directory = separate == null ? existing(namespace, name) : separate;
        return new SecretFiles(directory).trust();
    }

    @Override
    public String digest() {
        return SecretsDigest.of(root);
    }

    @Override
    public Collection<String> names() {
        try (Stream<Path> found = Files.walk(root, DEPTH)) {
            return found.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .distinct()
                    .toList();
        } catch (IOException | UncheckedIOException absent) {
            return List.of();
        }
    }

    @Override
    public boolean exists(String namespace, String name) {
        try {
            return find(namespace, name) != null;
        } catch (CredentialException e) {
            return false;
        }
    }

    private Path existing(String namespace, String name) throws CredentialException {
        Path directory = find(namespace, name);
        if (directory == null) {
            throw new CredentialException(
                    root.resolve(name).toString(),
                    "there is no secret '" + name + "'",
                    "mount it here or at " + root.resolve(namespace).resolve(name));
        }
        return directory;
    }

    private @Nullable Path find(String namespace, String name) throws CredentialException {
        check(name);
        check(namespace);
        for (Path candidate : List.of(root.resolve(namespace).resolve(name), root.resolve(name))) {
            if (Files.isDirectory(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private static void check(String name) throws CredentialException {
        if (!NAME.matcher(name).matches()) {
            throw new CredentialException(
                    "credentialName '" + printable(name) + "'",
                    "is not the name of a secret",
                    "give letters, digits, '-', '_' and '.' only, not starting with '.'; no path, no scheme");
        }
    }

    private static String printable(String name) {
        return name.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
