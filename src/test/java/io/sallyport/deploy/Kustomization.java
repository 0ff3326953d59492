package io.sallyport.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// A `kustomization.yaml` and what it names.
record Kustomization(Path directory, Map<String, Object> fields) {
    static final String FILE = "kustomization.yaml";

    /// Those that are used here; one that Kustomize does not know would be its error, too.
    private static final Set<String> FIELDS = Set.of(
            "apiVersion",
            "kind",
            "namespace",
            "nameSuffix",
            "resources",
            "components",
            "labels",
            "images",
            "patches",
            "replacements",
            "configMapGenerator",
            "generatorOptions");

    static Kustomization read(Path directory) {
        Path file = directory.resolve(FILE);
        try {
            Map<String, Object> fields =
                    Manifest.parse(file, Files.readString(file)).getFirst().fields();
            if (!FIELDS.containsAll(fields.keySet())) {
                throw new IllegalArgumentException(file + " has fields beside " + FIELDS);
            }
            return new Kustomization(directory, fields);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read", e);
        }
    }

    static List<Kustomization> under(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.endsWith(FILE))
                    .map(file -> read(file.getParent()))
                    .toList();
        }
    }

    /// Files and directories.
    List<Path> resources() {
        return paths("resources");
    }

    List<Path> components() {
        return paths("components");
    }

    List<Path> patches() {
        return list("patches").stream()
                .map(patch -> resolve((String) ((Map<?, ?>) patch).get("path")))
                .toList();
    }

    /// Of all ConfigMaps.
    List<Path> configMapFiles() {
        return list("configMapGenerator").stream()
                .flatMap(map -> ((List<?>) ((Map<?, ?>) map).get("files")).stream())
                .map(file -> resolve((String) file))
                .toList();
    }

    List<Map<?, ?>> images() {
        return list("images").stream()
                .<Map<?, ?>>map(image -> (Map<?, ?>) image)
                .toList();
    }

    /// Every path that it names.
    List<Path> references() {
        var all = new ArrayList<>(resources());
        all.addAll(components());
        all.addAll(patches());
        all.addAll(configMapFiles());
        return all;
    }

    private List<Path> paths(String field) {
        return list(field).stream().map(path -> resolve((String) path)).toList();
    }

    private Path resolve(String path) {
        return directory.resolve(path).normalize();
    }

    private List<?> list(String field) {
        return (List<?>) fields.getOrDefault(field, List.of());
    }
}
