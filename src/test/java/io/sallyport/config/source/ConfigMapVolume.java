package io.sallyport.config.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;

/// A directory as the kubelet mounts a ConfigMap: files are links through `..data`, which is a link to a directory of
/// the generation's own and is replaced by one rename.
public final class ConfigMapVolume {
    private final Path directory;
    private int generation;

    public ConfigMapVolume(Path directory) {
        this.directory = directory;
    }

    public Path directory() {
        return directory;
    }

    /// Writes a generation and swaps it in; the one before is deleted.
    public void publish(Map<String, String> files) {
        try {
            Path next = Files.createDirectory(directory.resolve("..2026_" + generation++));
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(next.resolve(file.getKey()), file.getValue());
            }
            Path data = directory.resolve("..data");
            Path before = Files.exists(data) ? data.toRealPath() : null;
            Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), next.getFileName());
            Files.move(link, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.ATOMIC_MOVE);
            for (String name : files.keySet()) {
                Path visible = directory.resolve(name);
                if (!Files.isSymbolicLink(visible)) {
                    Files.createSymbolicLink(visible, Path.of("..data", name));
                }
            }
            if (before != null) {
                delete(before);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path generation) throws IOException {
        try (Stream<Path> files = Files.list(generation)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(generation);
    }
}
