package io.sallyport.identity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
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
        TreeSet<Path> files = new TreeSet<>();
        try {
            Files.walkFileTree(root, Set.of(FileVisitOption.FOLLOW_LINKS), DEPTH, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (isOfSecret(file, attributes)) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                /// A directory that nobody may look into, or a link that leads back to one above it.
                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    addFailure(file, failure, digest);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException changing) {
            addFailure(root, changing, digest);
        }
        for (Path file : files) {
            digest.update(file.toString().getBytes(StandardCharsets.UTF_8));
            try (InputStream in = Files.newInputStream(file)) {
                // One that is larger is no secret's, whatever else is in it.
                digest.update(in.readNBytes(Pem.MAX_FILE + 1));
            } catch (IOException unread) {
                addFailure(file, unread, digest);
            }
        }
    }

    private static void addFailure(Path file, IOException failure, MessageDigest digest) {
        // What is gone since it was listed is amid a swap, whose end is another change: until then this look is like no
        // other. Anything else stays as it is until somebody mends it.
        boolean changing = failure instanceof NoSuchFileException;
        String found = changing ? Long.toString(System.nanoTime()) : file + " " + failure.getClass();
        digest.update(found.getBytes(StandardCharsets.UTF_8));
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
