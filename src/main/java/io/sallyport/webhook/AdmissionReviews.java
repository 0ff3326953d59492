package io.sallyport.webhook;

import io.sallyport.config.analysis.ConfigurationCheck;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Severity;
import io.sallyport.config.source.ConfigurationDirectory;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Judges one object at a time by what `validate` says of it (admission.k8s.io/v1, AdmissionReview). What depends on
/// resources that the API server does not send along, such as a Gateway that is named, is a warning and no denial.
public final class AdmissionReviews {
    /// Objects that etcd takes have fewer, in an update too, which has two of them. Each takes up to a kilobyte while
    /// it is
    /// judged.
    private static final int MOST_PARTS = 200_000;

    /// The key of a MeshConfig; the check knows in which ConfigMaps it is one.
    private static final String MESH = "mesh";

    private static final String GROUP = "admission.k8s.io/";
    private static final String VERSION = GROUP + "v1";
    private static final String ISTIO = "istio.io";
    private static final Set<String> JUDGED = Set.of("CREATE", "UPDATE");
    private static final int UNPROCESSABLE = 422;

    /// Kubernetes cuts warnings above 256 characters, and of all together above 4,096.
    private static final int MOST_WARNINGS = 15;

    private static final int LONGEST_WARNING = 250;
    private static final int MOST_ERRORS = 20;
    private static final int LONGEST_ERROR = 500;

    private final Function<byte[], List<Problem>> check;

    /// @param check what is wrong with a manifest
    public AdmissionReviews(Function<byte[], List<Problem>> check) {
        this.check = check;
    }

    /// The answer to a review.
    ///
    /// @throws IllegalArgumentException where it is none; its message is for the API server's log
    JsonObject answer(Buffer body) {
        JsonObject review = read(body);
        String version = review.getValue("apiVersion") instanceof String text ? text : "";
        if (!version.equals(VERSION)) {
            throw new IllegalArgumentException(
                    version.startsWith(GROUP)
                            ? "AdmissionReview of another version than v1: set admissionReviewVersions to [v1]"
                            : "not an AdmissionReview of " + VERSION);
        }
        JsonObject request = object(review, "request");
        if (!"AdmissionReview".equals(review.getValue("kind")) || request == null) {
            throw new IllegalArgumentException("not an AdmissionReview with a request");
        }
        if (!(request.getValue("uid") instanceof String uid) || uid.isEmpty()) {
            throw new IllegalArgumentException("request.uid is missing");
        }
        return new JsonObject()
                .put("apiVersion", VERSION)
                .put("kind", "AdmissionReview")
                .put("response", judge(request).put("uid", uid));
    }

    private static JsonObject read(Buffer body) {
        if (parts(body) > MOST_PARTS) {
            throw new IllegalArgumentException("the review has more than " + MOST_PARTS + " values");
        }
        try {
            return new JsonObject(body);
        } catch (DecodeException | ClassCastException malformed) {
            // Without the parser's message, which quotes the body.
            throw new IllegalArgumentException("the body is not a JSON object", malformed);
        }
    }

    /// The values of all objects and lists, about: what each takes has nothing to do with its bytes.
    private static int parts(Buffer json) {
        int parts = 0;
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            byte c = json.getByte(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (quoted) {
                i += c == '\\' ? 1 : 0;
            } else if (c == ',' || c == '{' || c == '[') {
                parts++;
            }
        }
        return parts;
    }

    private static @Nullable JsonObject object(JsonObject of, String field) {
        return of.getValue(field) instanceof JsonObject object ? object : null;
    }

    private JsonObject judge(JsonObject request) {
        if (!(request.getValue("operation") instanceof String operation) || !JUDGED.contains(operation)) {
            return new JsonObject().put("allowed", true);
        }
        JsonObject object = object(request, "object");
        JsonObject metadata = object == null ? null : object(object, "metadata");
        if (object == null || metadata == null) {
            throw new IllegalArgumentException("request.object is missing or has no metadata");
        }
        String mismatch = mismatch(request, object, metadata);
        if (mismatch != null) {
            return denied(mismatch);
        }
        JsonObject manifest = manifest(request, object, metadata);
        return manifest == null ? new JsonObject().put("allowed", true) : judged(check.apply(text(manifest)));
    }

    /// An API server says in the request what the object says; what judges one must not let the other pass.
    private static @Nullable String mismatch(JsonObject request, JsonObject object, JsonObject metadata) {
        JsonObject kind = object(request, "kind");
        String group = kind != null && kind.getValue("group") instanceof String text ? text : "";
        String version = kind != null && kind.getValue("version") instanceof String text ? text : "";
        String apiVersion = group.isEmpty() ? version : group + "/" + version;
        if (kind == null
                || !Objects.equals(object.getValue("apiVersion"), apiVersion)
                || !Objects.equals(object.getValue("kind"), kind.getValue("kind"))) {
            return "the object's apiVersion and kind are not those of the request";
        }
        return differs(request, metadata, "name") || differs(request, metadata, "namespace")
                ? "metadata.name or metadata.namespace is not that of the request"
                : null;
    }

    /// Both may be missing: a name that is generated, the namespace in the object.
    private static boolean differs(JsonObject request, JsonObject metadata, String field) {
        Object asked = request.getValue(field);
        Object said = metadata.getValue(field);
        return asked != null && !"".equals(asked) && said != null && !asked.equals(said);
    }

    /// What there is to check of the object; null for nothing.
    private static @Nullable JsonObject manifest(JsonObject request, JsonObject object, JsonObject metadata) {
        String apiVersion = String.valueOf(object.getValue("apiVersion"));
        JsonObject meta = metadata.copy();
        meta.remove("managedFields");
        if (!meta.containsKey("name")) {
            meta.put(
                    "name",
                    Objects.requireNonNullElse(request.getValue("name"), "") + meta.getString("generateName", "")
                            + "0");
        }
        if (!meta.containsKey("namespace") && request.getValue("namespace") instanceof String namespace) {
            meta.put("namespace", namespace);
        }
        if (apiVersion.contains(ISTIO)) {
            return object.copy().put("metadata", meta);
        }
        boolean configMap = apiVersion.equals("v1") && "ConfigMap".equals(object.getValue("kind"));
        if (!configMap) {
            return null;
        }
        JsonObject named =
                new JsonObject().put("name", meta.getValue("name")).put("namespace", meta.getValue("namespace"));
        JsonObject map = new JsonObject()
                .put("apiVersion", "v1")
                .put("kind", "ConfigMap")
                .put("metadata", named);
        int files = 0;
        for (String field : List.of("data", "binaryData")) {
            JsonObject kept = new JsonObject();
            JsonObject all = Objects.requireNonNullElse(object(object, field), kept);
            all.stream()
                    .filter(entry -> ConfigurationDirectory.isConfiguration(entry.getKey())
                            || entry.getKey().equals(MESH))
                    .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
            files += kept.size();
            map.put(field, kept);
        }
        return files == 0 ? null : map;
    }

    /// JSON of which every character is one that YAML may hold.
    private static byte[] text(JsonObject manifest) {
        String json = manifest.encode();
        StringBuilder text = new StringBuilder(json.length() + 64);
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c < 0x7f) {
                text.append(c);
            } else {
                text.append("\\u%04x".formatted((int) c));
            }
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static JsonObject judged(List<Problem> problems) {
        List<Problem> relevant = problems.stream()
                .filter(problem -> problem.severity() != Severity.INFO)
                .filter(problem -> problem.code() != ProblemCode.NO_RESOURCES)
                .toList();
        List<String> errors = relevant.stream()
                .filter(problem -> problem.isError() && !ConfigurationCheck.needsOthers(problem.code()))
                .map(AdmissionReviews::shown)
                .toList();
        List<String> warnings = relevant.stream()
                .filter(problem -> !problem.isError() || ConfigurationCheck.needsOthers(problem.code()))
                .map(AdmissionReviews::shown)
                .toList();
        JsonObject answer = errors.isEmpty()
                ? new JsonObject().put("allowed", true)
                : denied(String.join("\n", bounded(errors, MOST_ERRORS, LONGEST_ERROR)));
        return warnings.isEmpty()
                ? answer
                : answer.put("warnings", new JsonArray(bounded(warnings, MOST_WARNINGS, LONGEST_WARNING)));
    }

    private static JsonObject denied(String message) {
        return new JsonObject()
                .put("allowed", false)
                .put(
                        "status",
                        new JsonObject()
                                .put("status", "Failure")
                                .put("reason", "Invalid")
                                .put("code", UNPROCESSABLE)
                                .put("message", message));
    }

    /// Lines of the object say nothing, as the API server writes it; those of a ConfigMap's key are its author's.
    private static String shown(Problem problem) {
        String text = problem.toString();
        boolean inKey = problem.at().file().startsWith("configmap/");
        String place = problem.at() + ": ";
        return inKey || !text.startsWith(place) ? text : text.substring(place.length());
    }

    private static List<String> bounded(List<String> all, int most, int longest) {
        List<String> shown = all.stream()
                .limit(most)
                .map(each -> each.length() > longest ? each.substring(0, longest - 3) + "..." : each)
                .toList();
        return all.size() <= most
                ? shown
                : Stream.concat(shown.stream(), Stream.of("and " + (all.size() - most) + " more"))
                        .toList();
    }
}
