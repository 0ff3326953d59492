package io.sallyport.reload;

import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.identity.CredentialDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/// Tells the analysis which secrets the secrets directory holds.
public final class SecretsOnDisk implements SecretLookup {
    private static final int DEPTH = 2;

    private final CredentialDirectory directory;

    public SecretsOnDisk(CredentialDirectory directory) {
        this.directory = directory;
    }

    @Override
    public boolean exists(String namespace, String credentialName) {
        return directory.exists(namespace, credentialName);
    }

    @Override
    public Collection<String> names() {
        try (Stream<Path> found = Files.walk(directory.root(), DEPTH)) {
            return found.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .distinct()
                    .toList();
        } catch (IOException | java.io.UncheckedIOException absent) {
            return List.of();
        }
    }
}
