package io.sallyport.deploy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A line of an exposition.
///
/// @param labels their values as they are written, escapes included
record Sample(String metric, Map<String, String> labels, String value) {
    private static final Pattern LINE = Pattern.compile("^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /// Comments apart.
    static List<Sample> in(List<String> exposition) {
        return exposition.stream()
                .flatMap(line -> LINE.matcher(line).results())
                .map(line -> new Sample(line.group(1), labels(line.group(2)), line.group(3)))
                .toList();
    }

    private static Map<String, String> labels(String text) {
        var labels = new LinkedHashMap<String, String>();
        if (text != null) {
            LABEL.matcher(text).results().forEach(label -> labels.put(label.group(1), label.group(2)));
        }
        return labels;
    }
}
