package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A node of a document. Aliases and merge keys are resolved, so one node may stand in several places.
public sealed interface YamlNode {
    Position at();

    /// Nodes below and including this one, each alias counted as often as it is used.
    long size();

    /// For messages: `a list`, `a number`.
    String describe();

    record Mapping(MappingEntries entries, Position at, long size) implements YamlNode {
        /// The value of that key, or null.
        public @Nullable YamlNode get(String key) {
            Entry entry = entries.get(key);
            return entry == null ? null : entry.value();
        }

        @Override
        public String describe() {
            return "a mapping";
        }
    }

    record Entry(Scalar key, YamlNode value) {
        public String name() {
            return key.text();
        }
    }

    record Sequence(List<YamlNode> elements, Position at, long size) implements YamlNode {
        @Override
        public String describe() {
            return "a list";
        }
    }

    /// @param text as written, without quotes
    record Scalar(String text, ScalarType type, Position at) implements YamlNode {
        @Override
        public long size() {
            return 1;
        }

        @Override
        public String describe() {
            return type.description;
        }
    }

    /// What a scalar is by YAML 1.2's core schema (chapter 10.3).
    enum ScalarType {
        TEXT("text"),
        NULL("nothing"),
        BOOL("true or false"),
        INTEGER("a number"),
        FLOAT("a number");

        private final String description;

        ScalarType(String description) {
            this.description = description;
        }
    }

    /// Whether this is the null scalar, which proto JSON takes as an absent field.
    default boolean isNull() {
        return this instanceof Scalar scalar && scalar.type() == ScalarType.NULL;
    }
}
