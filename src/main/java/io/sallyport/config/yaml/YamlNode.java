package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A node of a document. Aliases and merge keys are resolved. What an alias stands for is at the alias's own
/// position: what is wrong with it is wrong where it is used, which may be in another resource.
public sealed interface YamlNode {
    Position at();

    /// Nodes below and including this one, each alias counted as often as it is used.
    long size();

    /// For messages: `a list`, `a number`.
    String describe();

    /// The same as if it stood at that place, and so did all below it. Costs nothing until that is looked at.
    YamlNode movedTo(Position place);

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

        @Override
        public Mapping movedTo(Position place) {
            return new Mapping(entries.movedTo(place), place, size);
        }
    }

    record Entry(Scalar key, YamlNode value) {
        public String name() {
            return key.text();
        }

        Entry movedTo(Position place) {
            return new Entry(key.movedTo(place), value.movedTo(place));
        }
    }

    record Sequence(List<YamlNode> elements, Position at, long size) implements YamlNode {
        @Override
        public String describe() {
            return "a list";
        }

        @Override
        public Sequence movedTo(Position place) {
            return new Sequence(new Moved<>(elements, element -> element.movedTo(place)), place, size);
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

        @Override
        public Scalar movedTo(Position place) {
            return new Scalar(text, type, place);
        }
    }

    /// A list with each element as it is elsewhere.
    final class Moved<T> extends AbstractList<T> implements RandomAccess {
        private final List<T> elements;
        private final UnaryOperator<T> move;

        Moved(List<T> elements, UnaryOperator<T> move) {
            // The last move counts.
            this.elements = elements instanceof Moved<T> moved ? moved.elements : elements;
            this.move = move;
        }

        @Override
        public T get(int index) {
            return move.apply(elements.get(index));
        }

        @Override
        public int size() {
            return elements.size();
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
