package io.sallyport.cli;

import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.identity.CredentialDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/// The secrets of a mounted directory, by name.
final class SecretDirectory implements SecretLookup {
    private final CredentialDirectory credentials;
    private final Path root;

    SecretDirectory(Path root) {
        this.root = root;
        this.credentials = new CredentialDirectory(root);
    }

    @Override
    public boolean exists(String namespace, String credentialName) {
        return credentials.exists(namespace, credentialName);
    }

    @Override
    public Collection<String> names() {
        try (Stream<Path> children = Files.list(root)) {
            return children.filter(Files::isDirectory)
                    .map(child -> child.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            // Hints are all that is lost: that the secrets are missing is said for each of them.
            return List.of();
        }
    }
}
