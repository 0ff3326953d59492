package io.sallyport.deploy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The manifests under `k8s/`.
final class Manifests {
    static final Path ROOT = Path.of("k8s");
    static final Path BASE = ROOT.resolve("base");
    static final Path INGRESS = ROOT.resolve("overlays/ingress");
    static final Path EGRESS = ROOT.resolve("overlays/egress");
    static final Path EGRESS_GATEWAY = EGRESS.resolve("gateway");
    static final Path FENCE = EGRESS.resolve("fence");
    static final Path COMPONENTS = ROOT.resolve("components");
    static final Path WEBHOOK = COMPONENTS.resolve("webhook");

    private Manifests() {}

    static List<Path> files(String extension) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(extension))
                    .sorted()
                    .toList();
        }
    }

    static List<Manifest> in(Path file) {
        try {
            return Manifest.parse(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The one document of a file.
    static <T extends HasMetadata> T one(Path file, Class<T> kind) {
        return kind.cast(withoutDirectives(in(file).getFirst()).read());
    }

    /// A patch without what tells Kustomize how to apply it.
    static Manifest withoutDirectives(Manifest patch) {
        return new Manifest(patch.file(), mapWithout(patch.fields()));
    }

    private static Object without(Object value) {
        return switch (value) {
            case Map<?, ?> map -> mapWithout(map);
            case List<?> list -> {
                var kept = new ArrayList<Object>();
                list.forEach(item -> kept.add(without(item)));
                yield kept;
            }
            case null, default -> value;
        };
    }

    private static Map<String, Object> mapWithout(Map<?, ?> map) {
        var kept = new HashMap<String, Object>();
        map.forEach((key, value) -> {
            if (!"$patch".equals(key)) {
                kept.put((String) key, without(value));
            }
        });
        return kept;
    }
}
