package io.sallyport.config.validation;

import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Kubernetes' syntax for labels, and selectors of workloads by them.
final class LabelChecks {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    private LabelChecks() {}

    /// @param place of the map
    static void labels(Map<String, String> labels, Place place) {
        labels.forEach((key, value) -> {
            if (!isKey(key)) {
                place.key(key).report(ProblemCode.BAD_LABEL, Quote.of(key) + " is not a label's name");
            }
            if (!value.isEmpty() && !NAME.matcher(value).matches()) {
                place.key(key).report(ProblemCode.BAD_LABEL, Quote.of(value) + " is not a label's value");
            }
        });
    }

    private static boolean isKey(String key) {
        int slash = key.indexOf('/');
        boolean prefixed = slash > 0 && slash <= 253 && HostNames.nameProblem(key.substring(0, slash)) == null;
        return (slash < 0 || prefixed) && NAME.matcher(key.substring(slash + 1)).matches();
    }

    /// @param place of the selector's map of labels
    static void selector(@Nullable Map<String, String> labels, Place place) {
        if (labels == null) {
            return;
        }
        labels.forEach((key, value) -> {
            if (key.isEmpty() || key.contains("*") || value.contains("*")) {
                place.key(key).report(ProblemCode.BAD_SELECTOR, "a selector has neither wildcards nor empty names");
            }
        });
    }
}
