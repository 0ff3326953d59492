package io.sallyport.config;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.ShapeProblem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All files of a directory as they were at one moment, by name.
record DirectoryGeneration(List<SourceFile> files, String contentHash) {
    DirectoryGeneration(List<SourceFile> files) {
        this(List.copyOf(files), hash(files));
    }

    /// Of files that are no files of a directory: the same names count, in the same order, within the same bounds. Null
    /// where there are none, which is reported.
    static @Nullable DirectoryGeneration of(
            String place, @Nullable List<SourceFile> all, LoadOptions options, ProblemReport report) {
        Position at = Position.of(place);
        if (all == null) {
            report.add(ShapeProblem.DIRECTORY_UNREADABLE, at, "", "it does not exist", null);
            return null;
        }
        List<SourceFile> files = all.stream()
                .filter(file -> FileListing.isConfiguration(file.name()))
                .sorted(Comparator.comparing(SourceFile::name))
                .toList();
        long bytes = files.stream().mapToLong(file -> file.content().length).sum();
        if (files.size() > options.maxFiles() || bytes > options.maxTotalBytes()) {
            report.add(ShapeProblem.DIRECTORY_TOO_LARGE, at, "", files.size() + " files, " + bytes + " bytes", null);
            return null;
        }
        if (files.isEmpty()) {
            report.add(ShapeProblem.DIRECTORY_EMPTY, at, "", "no *.yaml, *.yml or *.json file", null);
            return null;
        }
        return new DirectoryGeneration(files);
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
