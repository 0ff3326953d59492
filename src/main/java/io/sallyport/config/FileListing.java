package io.sallyport.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The configuration files of a directory with what changes when one of them does.
record FileListing(List<Entry> files) {

    /// @param identity of the file, beyond its name, as the file system knows it; null when it does not
    record Entry(
            Path path, long size, long modified, @Nullable Object identity) {}

    static FileListing of(Path directory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path child : ConfigurationDirectory.children(directory)) {
            Entry entry = isConfiguration(child.getFileName().toString()) ? entry(child) : null;
            if (entry != null) {
                entries.add(entry);
            }
        }
        return new FileListing(List.copyOf(entries));
    }

    /// Null for what is no file: a pipe or a device by such a name would block its reader for ever.
    private static @Nullable Entry entry(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            long modified = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
            return attributes.isRegularFile()
                    ? new Entry(file, attributes.size(), modified, attributes.fileKey())
                    : null;
        } catch (NoSuchFileException e) {
            // A link to nothing is listed, so that reading it fails and is told; what was deleted is not.
            return Files.isSymbolicLink(file) ? new Entry(file, -1, 0, null) : null;
        }
    }

    /// By its name alone.
    static boolean isConfiguration(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        boolean hidden = name.startsWith(".");
        return !hidden && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
    }
}
