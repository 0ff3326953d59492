package io.sallyport.config.source;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The configuration files of a directory, by name, with what changes when one of them does.
record FileListing(TreeMap<Path, Entry> files) {
    private static final String ATTRIBUTES = "unix:ino,ctime,lastModifiedTime,size,isRegularFile";

    /// @param identity of the file, beyond its name, as the file system knows it; null when it does not
    /// @param changed when the kernel last saw the file or its name change, which no program can set, in
    ///     nanoseconds since 1970; -1 when the file system does not say: then only the content shows changes
    record Entry(long size, long modified, @Nullable Object identity, long changed) {
        private static final Entry UNREADABLE = new Entry(-1, 0, null, -1);
        private static final Entry NO_FILE = new Entry(-2, 0, null, -1);

        /// False for a directory, a pipe or a device, which would block its reader for ever.
        boolean isFile() {
            return !equals(NO_FILE);
        }
    }

    static FileListing of(Path directory) throws IOException {
        TreeMap<Path, Entry> entries = new TreeMap<>();
        for (Path child : ConfigurationDirectory.children(directory)) {
            Entry entry = entry(child);
            if (entry != null) {
                entries.put(child, entry);
            }
        }
        return new FileListing(entries);
    }

    /// The names whose entries differ from those of the other.
    Set<Path> differences(FileListing other) {
        Set<Path> names = new HashSet<>(files.keySet());
        names.addAll(other.files.keySet());
        names.removeIf(name -> Objects.equals(files.get(name), other.files.get(name)));
        return names;
    }

    /// Null for what is gone or has another name than configuration files.
    static @Nullable Entry entry(Path file) throws IOException {
        return isConfiguration(file.getFileName().toString()) ? look(file) : null;
    }

    private static @Nullable Entry look(Path file) throws IOException {
        try {
            Map<String, Object> attributes = Files.readAttributes(file, ATTRIBUTES);
            return Boolean.TRUE.equals(attributes.get("isRegularFile"))
                    ? new Entry(
                            attribute(attributes, "size", Long.class),
                            nanos(attribute(attributes, "lastModifiedTime", FileTime.class)),
                            attributes.get("ino"),
                            nanos(attribute(attributes, "ctime", FileTime.class)))
                    : Entry.NO_FILE;
        } catch (NoSuchFileException e) {
            // A link to nothing is listed, so that the failure to read it is reported; a deleted file is not.
            return Files.isSymbolicLink(file) ? Entry.UNREADABLE : null;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return lookAnywhere(file);
        } catch (FileSystemException e) {
            // A link that leads to itself, or to where nobody may look: the file is listed, and cannot be read.
            return Entry.UNREADABLE;
        }
    }

    private static Entry lookAnywhere(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return attributes.isRegularFile()
                ? new Entry(attributes.size(), nanos(attributes.lastModifiedTime()), attributes.fileKey(), -1)
                : Entry.NO_FILE;
    }

    private static <T> T attribute(Map<String, Object> attributes, String name, Class<T> type) {
        return type.cast(Objects.requireNonNull(attributes.get(name), name));
    }

    private static long nanos(FileTime time) {
        return time.to(TimeUnit.NANOSECONDS);
    }

    /// By its name alone.
    static boolean isConfiguration(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        boolean hidden = name.startsWith(".");
        return !hidden && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
    }
}
