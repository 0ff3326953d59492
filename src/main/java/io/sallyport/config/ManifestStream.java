package io.sallyport.config;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.source.Changes;
import io.sallyport.config.source.ConfigurationDirectory;
import io.sallyport.config.source.ConfigurationFiles;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.YamlNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Manifests as Kubernetes' tools print them, in place of a directory: resources, ConfigMaps whose keys are files with
/// resources, and whatever else a cluster is made of, which is skipped.
///
/// The keys of a ConfigMap are named `configmap/<namespace>/<name>/<key>`, and their lines count from the key's own
/// first line, as in the file that the ConfigMap was made of.
public final class ManifestStream implements ConfigurationFiles {
    /// Of a file that cannot be read but was meant for the gateway.
    private static final Pattern ISTIO_VERSION = Pattern.compile("apiVersion[\"']?\\s*:\\s*[\"']?[\\w.-]*istio\\.io");

    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

    private final String name;
    private final InputStream in;
    private final LoadOptions options;

    /// @param name as problems name it
    /// @param in read to its end by [#load], which is called once
    public ManifestStream(String name, InputStream in, LoadOptions options) {
        this.name = name;
        this.in = in;
        this.options = options;
    }

    @Override
    public LoadResult load(Changes changes) {
        ProblemReport report = new ProblemReport();
        byte[] content = content(report);
        return content == null ? ConfigurationLoader.nothing(report) : load(content, report);
    }

    private byte @Nullable [] content(ProblemReport report) {
        Position at = Position.of(name);
        try {
            // One byte more than allowed is enough to know that there is too much.
            byte[] content = in.readNBytes(options.limits().maxFileBytes() + 1);
            if (content.length > 0) {
                return content;
            }
            report.add(
                    ProblemCode.EMPTY_FILE,
                    at,
                    "",
                    "the input is empty",
                    "write manifests into it: kubectl kustomize DIR | sallyport validate -");
        } catch (IOException unreadable) {
            report.add(
                    ProblemCode.FILE_UNREADABLE, at, "", "the input cannot be read: " + unreadable.getMessage(), null);
        }
        return null;
    }

    private LoadResult load(byte[] content, ProblemReport report) {
        List<Place> others = new ArrayList<>();
        FileResources manifests =
                FileResources.readManifests(new SourceFile(name, content), options, report, others::add);
        // What is wrong with a ConfigMap is reported among the problems of the manifests.
        List<SourceFile> files = filesOf(others);
        List<FileResources> read = new ArrayList<>();
        ConfigurationLoader.add(manifests, read, report);
        for (SourceFile file : files) {
            FileResources resources = FileResources.read(file, options, report, null);
            if (isMeantForGateways(resources, file)) {
                ConfigurationLoader.add(resources, read, report);
            }
        }
        return ConfigurationLoader.generation(name, read, report);
    }

    /// The keys of all ConfigMaps that a gateway would read, within the bounds of a directory: aliases could make one
    /// text stand for many files.
    private List<SourceFile> filesOf(List<Place> others) {
        List<SourceFile> files = new ArrayList<>();
        long bytes = 0;
        for (Place each : others) {
            if (!"ConfigMap".equals(text(each.field("kind"))) || !"v1".equals(text(each.field("apiVersion")))) {
                continue;
            }
            for (String field : List.of("data", "binaryData")) {
                Place data = each.field(field);
                for (String key : data.keys()) {
                    byte[] content = ConfigurationDirectory.isConfiguration(key)
                            ? bytes(data.key(key), field.equals("binaryData"))
                            : null;
                    if (content == null) {
                        continue;
                    }
                    bytes += content.length;
                    if (files.size() == options.maxFiles() || bytes > options.maxTotalBytes()) {
                        data.report(
                                ProblemCode.DIRECTORY_TOO_LARGE,
                                "the ConfigMaps have more than %d files or %d bytes together"
                                        .formatted(options.maxFiles(), options.maxTotalBytes()));
                        return List.of();
                    }
                    files.add(new SourceFile(nameOf(each.field("metadata"), key), content));
                }
            }
        }
        return files;
    }

    private String nameOf(Place metadata, String key) {
        String namespace = Objects.requireNonNullElse(text(metadata.field("namespace")), options.defaultNamespace());
        String map = Objects.requireNonNullElse(text(metadata.field("name")), "");
        // Not cut, as the names of two files must differ; no API server takes names that break a line.
        return UNPRINTABLE
                .matcher("configmap/" + namespace + "/" + map + "/" + key)
                .replaceAll("?");
    }

    /// Null where it is no text, or no base64 in `binaryData`: no API server takes that.
    private static byte @Nullable [] bytes(Place key, boolean base64) {
        String text = text(key);
        if (text == null || !base64) {
            return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            key.report(ProblemCode.BAD_BASE64, "it is not base64");
            return null;
        }
    }

    private static @Nullable String text(Place place) {
        return place.node() instanceof YamlNode.Scalar scalar && !scalar.isNull() ? scalar.text() : null;
    }

    /// Other programs have YAML in their ConfigMaps, too, of any shape.
    private static boolean isMeantForGateways(FileResources resources, SourceFile file) {
        return !resources.items().isEmpty()
                || resources.problems().toList().stream()
                        .map(Problem::code)
                        .anyMatch(code -> code == ProblemCode.UNKNOWN_KIND || code == ProblemCode.UNKNOWN_VERSION)
                || ISTIO_VERSION
                        .matcher(new String(file.content(), StandardCharsets.UTF_8))
                        .find();
    }
}
