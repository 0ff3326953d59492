package io.sallyport.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The configuration files of a directory with what changes when one of them does.
record FileListing(List<Entry> files) {

    /// @param identity of the file, beyond its name, as the file system knows it; null when it does not
    record Entry(
            Path path, long size, long modified, @Nullable Object identity) {}

    static FileListing of(Path directory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path child : ConfigurationDirectory.children(directory)) {
            BasicFileAttributes attributes = isConfiguration(child) ? attributes(child) : null;
            // A pipe or a device by such a name would block the reader for ever.
            if (attributes != null && attributes.isRegularFile()) {
                long modified = attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS);
                entries.add(new Entry(child, attributes.size(), modified, attributes.fileKey()));
            }
        }
        return new FileListing(List.copyOf(entries));
    }

    private static @Nullable BasicFileAttributes attributes(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (java.nio.file.NoSuchFileException e) {
            // Deleted since it was listed, or a link to nothing: then reading it says so.
            return Files.isSymbolicLink(file) ? Files.readAttributes(file, BasicFileAttributes.class) : null;
        }
    }

    private static boolean isConfiguration(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean hidden = name.startsWith(".");
        return !hidden && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
    }
}
