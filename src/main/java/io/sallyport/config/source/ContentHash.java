package io.sallyport.config.source;

import io.sallyport.config.FileResources;
import io.sallyport.config.SourceFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;

/// SHA-256 of configuration files, with their names but not the directory's: it is the same wherever the files are. Two
/// steps, so that a file that did not change is not digested again.
public final class ContentHash {
    private ContentHash() {}

    public static byte[] digest(SourceFile file) {
        MessageDigest digest = sha256();
        byte[] name = file.name().substring(file.name().lastIndexOf('/') + 1).getBytes(StandardCharsets.UTF_8);
        // The length keeps the name's end from being the content's beginning.
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).flip());
        digest.update(name);
        return digest.digest(file.content());
    }

    /// Of all files in their order, in hex.
    public static String of(Collection<FileResources> files) {
        MessageDigest digest = sha256();
        files.forEach(file -> digest.update(file.digest()));
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
