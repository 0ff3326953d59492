package io.sallyport.config.decode;

import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.problem.Severity;
import io.sallyport.config.yaml.ObjectReader;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.Suggestion;
import io.sallyport.config.yaml.YamlNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decodes `metadata`. It belongs to Kubernetes and may hold what this code has not heard of: that is a warning.
final class MetadataDecoder {
    private static final List<String> OBJECT_META = List.of(
            "name",
            "generateName",
            "namespace",
            "selfLink",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "labels",
            "annotations",
            "ownerReferences",
            "finalizers",
            "managedFields",
            "clusterName");

    private MetadataDecoder() {}

    static ResourceMeta read(ObjectReader document, ResourceKind kind, String apiVersion, String defaultNamespace) {
        Position at = document.at();
        ResourceMeta meta = document.object("metadata", in -> {
            String name = in.text("name");
            String namespace = in.text("namespace");
            checkNames(in.place(), name, namespace);
            return new ResourceMeta(
                    kind,
                    apiVersion,
                    name,
                    namespace.isEmpty() ? defaultNamespace : namespace,
                    in.textMap("labels"),
                    in.textMap("annotations"),
                    created(in.place().field("creationTimestamp")),
                    tolerateOthers(in, at));
        });
        if (meta != null) {
            return meta;
        }
        if (!document.has("metadata")) {
            document.place().field("metadata").report(ProblemCode.NO_NAME, "metadata.name is missing", null);
        }
        return new ResourceMeta(kind, apiVersion, "", defaultNamespace, Map.of(), Map.of(), at);
    }

    private static void checkNames(Place metadata, String name, String namespace) {
        // What is there and no text has been reported as such.
        boolean reported = name.isEmpty() && metadata.field("name").isPresent() && !isText(metadata.field("name"));
        if (!reported && !isSubdomain(name, true)) {
            String message = name.isEmpty() ? "the name is missing" : Quote.of(name) + " is not a resource name";
            metadata.field("name").report(ProblemCode.NO_NAME, message, "lower-case letters, digits, - and dots");
        }
        if (!namespace.isEmpty() && !isSubdomain(namespace, false)) {
            String message = Quote.of(namespace) + " is not a namespace";
            metadata.field("namespace").report(ProblemCode.NO_NAME, message, "lower-case letters, digits and -");
        }
    }

    /// What is no time says nothing: it is the API server's to write.
    private static @Nullable Instant created(Place place) {
        if (!(place.node() instanceof YamlNode.Scalar scalar) || scalar.isNull()) {
            return null;
        }
        try {
            return Instant.parse(scalar.text());
        } catch (DateTimeException noTime) {
            return null;
        }
    }

    private static boolean isText(Place place) {
        return place.node() instanceof YamlNode.Scalar scalar && scalar.type() == YamlNode.ScalarType.TEXT;
    }

    /// RFC 1123 as Kubernetes has it: at most 253 characters with dots, 63 without.
    private static boolean isSubdomain(String name, boolean dots) {
        if (name.isEmpty() || name.length() > (dots ? 253 : 63)) {
            return false;
        }
        char before = '.';
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            boolean joined = before != '.' && before != '-';
            boolean allowed = alphanumeric || (c == '-' && before != '.') || (c == '.' && dots && joined);
            if (!allowed) {
                return false;
            }
            before = c;
        }
        return before != '-' && before != '.';
    }

    private static Position tolerateOthers(ObjectReader in, Position at) {
        if (in.place().node() instanceof YamlNode.Mapping mapping) {
            for (YamlNode.Entry entry : mapping.entries().list()) {
                in.has(entry.name());
                if (!OBJECT_META.contains(entry.name())) {
                    in.place()
                            .report(new Problem(
                                    Severity.WARNING,
                                    ProblemCode.UNKNOWN_FIELD,
                                    entry.key().at(),
                                    in.place().field(entry.name()).path(),
                                    "unknown field of Kubernetes' metadata",
                                    Suggestion.didYouMean(entry.name(), OBJECT_META)));
                }
            }
        }
        return at;
    }
}
