package io.sallyport.identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Tells whether any secret below a directory has changed since the last look.
public final class SecretsDigest {
    /// The directory, `..data`, its target and the file.
    private static final int DEPTH = 5;

    private SecretsDigest() {}

    /// SHA-256, in hex, of the names and contents of all secrets' files.
    ///
    /// @param root null, or not there: as without any
    public static String of(@Nullable Path root) {
        MessageDigest digest = sha256();
        if (root != null && Files.isDirectory(root)) {
            add(root, digest);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(Path root, MessageDigest digest) {
        try (Stream<Path> files = Files.find(root, DEPTH, SecretsDigest::isOfSecret, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> sorted = files.sorted().toList();
            for (Path file : sorted) {
                digest.update(file.toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
        } catch (IOException | UncheckedIOException changing) {
            // A swap is under way; its end is another change, and until then this look is like no other.
            digest.update(Long.toString(System.nanoTime()).getBytes(StandardCharsets.UTF_8));
        }
    }

    /// Anything else that lies there, of any size, is never read.
    private static boolean isOfSecret(Path file, BasicFileAttributes attributes) {
        return attributes.isRegularFile()
                && SecretFiles.isNamed(file.getFileName().toString());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
