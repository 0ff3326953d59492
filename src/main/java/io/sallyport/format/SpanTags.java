package io.sallyport.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Attributes of spans whose values texts with operators say, and the header fields that these want.
public final class SpanTags {
    public static final SpanTags NONE = new SpanTags(Map.of());

    private final List<Tag> tags = new ArrayList<>();
    private final CapturedFields captured = new CapturedFields();

    /// @param place where the fields that it wants begin among those that are captured
    public record Tag(String name, ParsedFormat value, int place) {}

    /// @param values by the tags' names
    public SpanTags(Map<String, ParsedFormat> values) {
        new TreeMap<>(values).forEach((name, value) -> tags.add(new Tag(name, value, captured.add(value))));
    }

    /// In the order of their names.
    public List<Tag> all() {
        return tags;
    }

    public CapturedFields captured() {
        return captured;
    }
}
