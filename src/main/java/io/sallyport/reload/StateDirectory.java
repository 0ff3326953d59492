package io.sallyport.reload;

import io.sallyport.config.FileResources;
import io.sallyport.config.FileResources.Item;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.SourceFile;
import io.sallyport.reload.ServedVersion.First;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Keeps the resources that are served in a directory (`sallyport.config.state-dir`), so that a process after
/// this one can hold them: each file as it was, by the hash of its name and content, and a list of them,
/// `served`, which is written last and takes the place of the one before at once.
///
/// Not thread-safe.
final class StateDirectory {
    private static final Logger LOG = System.getLogger(StateDirectory.class.getName());
    private static final String LIST = "served";
    private static final String HEAD = "sallyport 1";
    private static final String END = "end";
    private static final String RESOURCE = "  ";
    private static final String MISSED = "? ";
    private static final String CONTENT = ".yaml";
    private static final Pattern CONTENT_NAME = Pattern.compile("[0-9a-f]{64}\\.yaml");

    private final Path directory;
    private final LoadOptions options;
    private String written = "";
    private boolean failing;

    /// A file.
    ///
    /// @param any of its resources
    /// @param ids of all that are served
    private record Kept(ServedVersion any, Set<String> ids) {}

    /// What a process served.
    ///
    /// @param versions by id
    /// @param missed see [Selection#missed]
    record Served(Map<String, ServedVersion> versions, Set<String> missed) {
        static final Served NOTHING = new Served(Map.of(), Set.of());
    }

    StateDirectory(Path directory, LoadOptions options) {
        this.directory = directory;
        this.options = options;
    }

    /// What the process before served; nothing where it cannot be read, which is logged.
    Served read() {
        Map<String, ServedVersion> versions = new HashMap<>();
        Set<String> missed = new HashSet<>();
        try {
            List<String> lines = Files.readAllLines(regular(directory.resolve(LIST)));
            if (lines.size() < 2
                    || !lines.getFirst().equals(HEAD)
                    || !lines.getLast().equals(END)) {
                throw new IOException(LIST + " is not complete");
            }
            FileResources file = null;
            First first = null;
            for (String line : lines.subList(1, lines.size() - 1)) {
                if (line.startsWith(MISSED)) {
                    missed.add(line.substring(MISSED.length()));
                    continue;
                }
                if (!line.startsWith(RESOURCE)) {
                    String[] parts = line.split(" ", 4);
                    first = new First(Long.parseLong(parts[1]), Instant.parse(parts[2]), true);
                    file = content(parts[0], parts[3]);
                    continue;
                }
                Item item = file == null ? null : file.item(line.substring(RESOURCE.length()));
                if (file != null && first != null && item != null) {
                    versions.put(item.id(), new ServedVersion(file, item, first));
                }
            }
        } catch (NoSuchFileException firstProcess) {
            return Served.NOTHING;
        } catch (IOException | DateTimeException | NumberFormatException | IndexOutOfBoundsException unreadable) {
            LOG.log(
                    Logger.Level.WARNING,
                    "what was served before cannot be read from {0}, and is not held: {1}",
                    directory,
                    unreadable);
            return Served.NOTHING;
        }
        return new Served(versions, missed);
    }

    /// A pipe would have its reader wait, a device has no end.
    private static Path regular(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException(file.getFileName() + " is no regular file");
        }
        return file;
    }

    private FileResources content(String hash, String name) throws IOException {
        if (!CONTENT_NAME.matcher(hash + CONTENT).matches()) {
            throw new IOException(LIST + " names " + hash);
        }
        byte[] content;
        try (var in = Files.newInputStream(regular(directory.resolve(hash + CONTENT)))) {
            content = in.readNBytes(options.limits().maxFileBytes() + 1);
        }
        FileResources file = FileResources.of(new SourceFile(name, content), options);
        if (!HexFormat.of().formatHex(file.digest()).equals(hash)) {
            throw new IOException(hash + CONTENT + " is not as it was written");
        }
        return file;
    }

    /// Keeps these instead of those before. What goes wrong is logged once.
    void write(Collection<ServedVersion> versions, Set<String> missed) {
        Map<FileResources, List<ServedVersion>> byFile = new LinkedHashMap<>();
        versions.forEach(version ->
                byFile.computeIfAbsent(version.file(), _ -> new ArrayList<>()).add(version));
        Map<String, Kept> files = new TreeMap<>();
        byFile.forEach((file, all) -> {
            // A line of the list is one name.
            if (file.name().lines().count() == 1) {
                String hash = HexFormat.of().formatHex(file.digest());
                ServedVersion any = Collections.min(
                        all, Comparator.comparingLong(version -> version.first().generation()));
                Set<String> ids = files.computeIfAbsent(hash, _ -> new Kept(any, new TreeSet<>()))
                        .ids();
                all.forEach(version -> ids.add(version.item().id()));
            }
        });
        StringBuilder list = new StringBuilder(HEAD).append('\n');
        files.forEach((hash, kept) -> {
            First first = kept.any().first();
            list.append(hash).append(' ').append(first.generation()).append(' ').append(first.at());
            list.append(' ').append(kept.any().file().name()).append('\n');
            kept.ids().forEach(id -> list.append(RESOURCE).append(id).append('\n'));
        });
        missed.stream().filter(key -> key.lines().count() == 1).sorted().forEach(key -> list.append(MISSED)
                .append(key)
                .append('\n'));
        String text = list.append(END).append('\n').toString();
        if (text.equals(written)) {
            return;
        }
        try {
            Files.createDirectories(directory);
            Set<String> there = names();
            for (Map.Entry<String, Kept> file : files.entrySet()) {
                String name = file.getKey() + CONTENT;
                if (!there.remove(name)) {
                    replace(
                            directory.resolve(name),
                            file.getValue().any().file().source().content());
                }
            }
            replace(directory.resolve(LIST), text.getBytes(StandardCharsets.UTF_8));
            for (String name : there) {
                boolean left = name.startsWith("next") && name.endsWith(".tmp");
                if (left || CONTENT_NAME.matcher(name).matches()) {
                    Files.deleteIfExists(directory.resolve(name));
                }
            }
            written = text;
            failing = false;
        } catch (IOException | SecurityException failure) {
            if (!failing) {
                LOG.log(
                        Logger.Level.WARNING,
                        "what is served cannot be kept in {0}, and is not held after a restart: {1}",
                        directory,
                        failure);
            }
            failing = true;
        }
    }

    private void replace(Path path, byte[] content) throws IOException {
        Path next = Files.createTempFile(directory, "next", ".tmp");
        try {
            Files.write(next, content);
            Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    /// What is in the directory.
    private Set<String> names() throws IOException {
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            all.forEach(path -> names.add(path.getFileName().toString()));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }
}
