package io.sallyport.config.decode;

import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceKind.ApiGroup;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.Suggestion;
import io.sallyport.config.yaml.YamlNode;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A document's `apiVersion` and `kind`, and what Sallyport does with such a document.
record DocumentType(String apiVersion, String group, String version, String kind) {
    private static final Set<String> NETWORKING_VERSIONS = Set.of("v1", "v1beta1", "v1alpha3");
    private static final Set<String> SECURITY_VERSIONS = Set.of("v1", "v1beta1");
    private static final Set<String> TELEMETRY_VERSIONS = Set.of("v1", "v1alpha1");
    private static final Set<String> FOREIGN_ISTIO =
            Set.of("extensions.istio.io", "install.istio.io", "config.istio.io");

    private static final String LIST = "List";

    private static final List<String> GROUPS =
            List.of(ApiGroup.NETWORKING.domain(), ApiGroup.SECURITY.domain(), ApiGroup.TELEMETRY.domain());

    private static final List<String> KINDS = Arrays.stream(ResourceKind.values())
            .filter(kind -> kind.group() != ApiGroup.CORE)
            .map(ResourceKind::istioName)
            .toList();

    /// Null when the document is not of a kind that is read, or does not say of which it is: both are reported.
    static @Nullable DocumentType read(Place document) {
        String apiVersion = text(document.field("apiVersion"));
        String kind = text(document.field("kind"));
        if (apiVersion == null || kind == null) {
            incomplete(document, apiVersion, kind);
            return null;
        }
        return of(apiVersion, kind);
    }

    /// A document with only one of the two may be meant for the gateway, unless that one names a foreign kind or
    /// group.
    private static void incomplete(Place document, @Nullable String apiVersion, @Nullable String kind) {
        if (kind != null && near(kind, KINDS) == null && !kind.equals(LIST)) {
            skip(document.field("kind"), Quote.plain(kind) + " without an apiVersion");
            return;
        }
        if (apiVersion != null && of(apiVersion, "").isForeignGroup()) {
            skip(document.field("apiVersion"), "a document of " + Quote.plain(apiVersion) + " without a kind");
            return;
        }
        if (apiVersion == null) {
            String hint = "such as networking.istio.io/v1";
            document.field("apiVersion").report(ProblemCode.NO_API_VERSION, "apiVersion is missing or no text", hint);
        }
        if (kind == null) {
            document.field("kind").report(ProblemCode.NO_KIND, "kind is missing or no text", "such as VirtualService");
        }
    }

    private static DocumentType of(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        // A group without its version is a group all the same: taken for another one its policies would be skipped.
        boolean bareGroup = slash < 0 && apiVersion.indexOf('.') > 0;
        String group = slash >= 0 ? apiVersion.substring(0, slash) : bareGroup ? apiVersion : "";
        return new DocumentType(apiVersion, group, apiVersion.substring(slash + 1), kind);
    }

    /// Whether it is clearly not for gateways: of another group than Istio's and of no kind that is near to one of
    /// those that are read.
    static boolean isOther(Place document) {
        String apiVersion = text(document.field("apiVersion"));
        String kind = text(document.field("kind"));
        if (apiVersion == null || kind == null) {
            return false;
        }
        DocumentType type = of(apiVersion, kind);
        boolean otherGroup = type.group.isEmpty() || (type.isForeignGroup() && !FOREIGN_ISTIO.contains(type.group));
        return otherGroup
                && !type.isList()
                && ResourceKind.of(type.group, kind) == null
                && Suggestion.nearest(kind, KINDS) == null;
    }

    private static @Nullable String text(Place place) {
        boolean present = place.node() instanceof YamlNode.Scalar scalar
                && scalar.type() == YamlNode.ScalarType.TEXT
                && !scalar.text().isBlank();
        return present && place.node() instanceof YamlNode.Scalar scalar ? scalar.text() : null;
    }

    boolean isList() {
        return group.isEmpty() && version.equals("v1") && kind.equals(LIST);
    }

    /// The kind to decode, or null when the document is skipped or wrong, which is reported.
    @Nullable
    ResourceKind kindOrReport(Place document) {
        ResourceKind known = ResourceKind.of(group, kind);
        if (known == null) {
            reportUnknown(document);
            return null;
        }
        if (!isVersionOf(known)) {
            String message = group + " has no version " + Quote.of(version) + " that is known";
            document.field("apiVersion").report(ProblemCode.UNKNOWN_VERSION, message, "write " + group + "/v1");
            return null;
        }
        return known;
    }

    private boolean isVersionOf(ResourceKind kind) {
        return switch (kind.group()) {
            case NETWORKING -> NETWORKING_VERSIONS.contains(version);
            case SECURITY -> SECURITY_VERSIONS.contains(version);
            case TELEMETRY -> TELEMETRY_VERSIONS.contains(version);
            case CORE -> true;
        };
    }

    /// A misspelt group or kind is reported, so that no resource is lost silently; what is clearly foreign is
    /// skipped.
    private void reportUnknown(Place document) {
        String nearGroup = isForeignGroup() ? null : near(group, GROUPS);
        String nearKind = GROUPS.contains(group) ? near(kind, KINDS) : Suggestion.nearest(kind, KINDS);
        if (GROUPS.contains(group)) {
            if (nearKind == null && group.equals(ApiGroup.NETWORKING.domain())) {
                skip(document.field("kind"), Quote.plain(kind) + " of " + Quote.plain(apiVersion));
                return;
            }
            List<String> kinds = Arrays.stream(ResourceKind.values())
                    .filter(candidate -> candidate.group().domain().equals(group))
                    .map(ResourceKind::istioName)
                    .toList();
            String message = group + " has no kind " + Quote.of(kind);
            document.field("kind").report(ProblemCode.UNKNOWN_KIND, message, Suggestion.didYouMean(kind, kinds));
        } else if (nearGroup != null && nearKind != null) {
            String message = "API group " + Quote.of(group) + " is unknown";
            document.field("apiVersion")
                    .report(ProblemCode.UNKNOWN_KIND, message, "did you mean " + Quote.of(nearGroup) + "?");
        } else if (group.isEmpty() && KINDS.contains(kind)) {
            String message = Quote.of(kind) + " is of an Istio group, not of " + Quote.of(apiVersion);
            document.field("apiVersion").report(ProblemCode.UNKNOWN_KIND, message, "write " + groupOf(kind) + "/v1");
        } else {
            skip(document.field("kind"), Quote.plain(kind) + " of " + Quote.plain(apiVersion));
        }
    }

    private static String groupOf(String kind) {
        return GROUPS.stream()
                .filter(group -> ResourceKind.of(group, kind) != null)
                .findFirst()
                .orElseThrow();
    }

    /// Whether the group is known to be foreign, though its name may be near to one of ours, or is not near to
    /// any.
    private boolean isForeignGroup() {
        return group.endsWith(".k8s.io")
                || FOREIGN_ISTIO.contains(group)
                || (!group.isEmpty() && near(group, GROUPS) == null);
    }

    /// What a word is meant to be, which may have been cut off: a file can be read while it is being written.
    private static @Nullable String near(String word, List<String> known) {
        for (String each : known) {
            if (!word.isEmpty() && each.startsWith(word)) {
                return each;
            }
        }
        return Suggestion.nearest(word, known);
    }

    private static void skip(Place place, String what) {
        place.report(ProblemCode.SKIPPED_KIND, what + " is skipped", null);
    }
}
