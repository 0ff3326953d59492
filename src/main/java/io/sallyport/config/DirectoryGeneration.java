package io.sallyport.config;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// All files of a directory as they were at one moment, by name.
record DirectoryGeneration(List<SourceFile> files, String contentHash) {
    DirectoryGeneration(List<SourceFile> files) {
        this(List.copyOf(files), hash(files));
    }

    static String hash(List<SourceFile> files) {
        MessageDigest digest = sha256();
        for (SourceFile file : files) {
            byte[] name = file.name().getBytes(StandardCharsets.UTF_8);
            // Lengths keep one file's end from being another's beginning.
            ByteBuffer lengths = ByteBuffer.allocate(8).putInt(name.length).putInt(file.content().length);
            digest.update(lengths.flip());
            digest.update(name);
            digest.update(file.content());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
