package io.sallyport.config.validation;

import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is read and checked but not acted on yet: one row a field. A row goes when its field is done.
public final class NotYetEnforced {
    /// @param path from the document's root; `[]` is every element of a list
    /// @param value only this value of the field is not enforced; null is any
    private record Row(
            ResourceKind kind, String path, @Nullable String value) {}

    private static final List<Row> TABLE = table();

    private NotYetEnforced() {}

    private static List<Row> table() {
        List<Row> rows = new ArrayList<>();
        for (String policy : List.of("spec.trafficPolicy", "spec.subsets[].trafficPolicy")) {
            for (String level : List.of(policy, policy + ".portLevelSettings[]")) {
                rows.add(new Row(ResourceKind.DESTINATION_RULE, level + ".loadBalancer.zoneAwareLbSetting", null));
                rows.add(new Row(ResourceKind.DESTINATION_RULE, level + ".loadBalancer.simple", "PASSTHROUGH"));
            }
        }
        rows.add(new Row(ResourceKind.SERVICE_ENTRY, "spec.workloadSelector", null));
        rows.add(new Row(ResourceKind.SERVICE_ENTRY, "spec.endpoints[].network", null));
        rows.add(new Row(ResourceKind.GATEWAY, "spec.servers[].defaultEndpoint", null));
        return List.copyOf(rows);
    }

    /// The fields of that kind: `spec.http[].fault`, or `spec.resolution: DYNAMIC_DNS` where only that value is meant.
    public static List<String> fields(ResourceKind kind) {
        return TABLE.stream()
                .filter(row -> row.kind == kind)
                .map(row -> row.value == null ? row.path : row.path + ": " + row.value)
                .toList();
    }

    /// Warns of every field in the document that a row names.
    static void report(ResourceKind kind, Place document) {
        for (Row row : TABLE) {
            if (row.kind == kind) {
                walk(row, row.path, document);
            }
        }
    }

    private static void walk(Row row, String path, Place place) {
        int dot = path.indexOf('.');
        String segment = dot < 0 ? path : path.substring(0, dot);
        boolean list = segment.endsWith("[]");
        Place field = place.field(list ? segment.substring(0, segment.length() - 2) : segment);
        if (!field.isPresent()) {
            return;
        }
        if (!list) {
            arrive(row, path, dot, field);
            return;
        }
        for (int i = 0; i < field.length(); i++) {
            arrive(row, path, dot, field.index(i));
        }
    }

    private static void arrive(Row row, String path, int dot, Place place) {
        if (dot >= 0) {
            walk(row, path.substring(dot + 1), place);
            return;
        }
        boolean named = row.value == null
                || (place.node() instanceof YamlNode.Scalar scalar
                        && scalar.text().equals(row.value));
        if (named) {
            String what = row.value == null ? "the field" : row.value;
            place.report(ProblemCode.NOT_ENFORCED, what + " is read, but not enforced yet");
        }
    }
}
