package io.sallyport.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The files of one secret, each under any of the names that Kubernetes, Istio and its agent give it.
public record SecretFiles(Path directory) {
    static final List<String> CHAIN = List.of("cert", "tls.crt", "cert-chain.pem", "certificates.pem");
    static final List<String> KEY = List.of("key", "tls.key", "key.pem", "private_key.pem");
    static final List<String> AUTHORITIES = List.of("cacert", "ca.crt", "root-cert.pem", "ca_certificates.pem");
    static final List<String> CRL = List.of("crl", "ca.crl", "ca-crl.pem");
    static final Set<String> NAMES =
            Stream.of(CHAIN, KEY, AUTHORITIES, CRL).flatMap(List::stream).collect(Collectors.toUnmodifiableSet());
    private static final int ATTEMPTS = 10;

    /// Whether a file of this name is one of a secret.
    static boolean isNamed(String fileName) {
        return NAMES.contains(fileName);
    }

    public Credential credential() throws CredentialException {
        Credential credential = consistently(version -> {
            Path chain = find(version, CHAIN);
            Path key = find(version, KEY);
            return chain == null || key == null ? null : Credential.read(chain, key);
        });
        if (credential == null) {
            throw incomplete(directory.toString());
        }
        return credential;
    }

    static CredentialException incomplete(String source) {
        return new CredentialException(
                source,
                "the secret lacks a certificate or its private key",
                "it needs tls.crt and tls.key, or cert and key");
    }

    @Nullable
    TrustBundle trust() throws CredentialException {
        return consistently(version -> {
            Path authorities = find(version, AUTHORITIES);
            return authorities == null ? null : TrustBundle.read(authorities, find(version, CRL));
        });
    }

    private interface Reader<T> {
        @Nullable
        T read(Path version) throws CredentialException;
    }

    /// Reads from one version of the secret; anew where Kubernetes replaced that version meanwhile, since then neither
    /// a failure nor a file's absence says anything.
    private <T> @Nullable T consistently(Reader<T> reader) throws CredentialException {
        for (int attempt = 1; ; attempt++) {
            Path version = version();
            try {
                T read = reader.read(version);
                if (read != null || attempt == ATTEMPTS || version.equals(version())) {
                    return read;
                }
            } catch (CredentialException e) {
                if (attempt == ATTEMPTS || version.equals(version())) {
                    throw e;
                }
            }
        }
    }

    /// The directory that all files are read from: behind Kubernetes' `..data` link once, so that a swap in between
    /// cannot give the certificate of one version with the key of another.
    private Path version() throws CredentialException {
        try {
            Path data = directory.resolve("..data");
            // Not toRealPath: it also asks for the target, which may be gone by then.
            return Files.isSymbolicLink(data) ? directory.resolve(Files.readSymbolicLink(data)) : directory;
        } catch (IOException e) {
            throw new CredentialException(
                    directory.toString(), "cannot be read (" + e + ")", "check that the secret is mounted", e);
        }
    }

    private static @Nullable Path find(Path version, List<String> names) {
        for (String name : names) {
            Path file = version.resolve(name);
            if (Files.exists(file)) {
                return file;
            }
        }
        // Of one that cannot be opened nobody knows that it is not there: a revocation list must not be passed over.
        return names.stream()
                .map(version::resolve)
                .filter(file -> !Files.notExists(file))
                .findFirst()
                .orElse(null);
    }
}
