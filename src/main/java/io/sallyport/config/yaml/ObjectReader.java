package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Reads a mapping as a proto message, field by field. It remembers what was asked for; [#close] reports the rest.
/// What does not fit is reported and read as absent, so that reading goes on.
public final class ObjectReader {
    /// Reads the fields of a message; null when nothing can be made of it, which it has reported.
    @FunctionalInterface
    public interface MessageReader<T> {
        @Nullable
        T read(ObjectReader in);
    }

    @FunctionalInterface
    private interface ValueReader<T> {
        @Nullable
        T read(Place at);
    }

    private final Place place;
    private final MappingEntries entries;
    /// The entries that were asked for, by their places.
    private final BitSet asked = new BitSet();
    /// All names that were asked for, some of them more than once.
    private final List<String> known = new ArrayList<>();

    private ObjectReader(Place place, MappingEntries entries) {
        this.place = place;
        this.entries = entries;
    }

    /// Reads the mapping that stands at a place.
    ///
    /// @param reader reads every field it knows
    /// @return null when there is something else at the place, which is reported
    public static <T> @Nullable T read(Place place, MessageReader<T> reader) {
        if (!(place.node() instanceof YamlNode.Mapping mapping)) {
            return ScalarReader.wrongType(place, "a mapping", null);
        }
        ObjectReader object = new ObjectReader(place, mapping.entries());
        T value = reader.read(object);
        object.close();
        return value;
    }

    public Position at() {
        return place.at();
    }

    public Place place() {
        return place;
    }

    /// Whether the field is there and not null.
    public boolean has(String name) {
        return present(name) != null;
    }

    /// Absent is `""`.
    public String text(String name) {
        String value = value(name, ScalarReader::text);
        return value == null ? "" : value;
    }

    public @Nullable String optionalText(String name) {
        return value(name, ScalarReader::text);
    }

    /// Absent is reported, as is empty text.
    public String requiredText(String name) {
        String value = value(name, ScalarReader::text);
        boolean absent = !has(name);
        if (absent || (value != null && value.isEmpty())) {
            missing(name, absent ? "is required" : "must not be empty");
        }
        return value == null ? "" : value;
    }

    public boolean bool(String name) {
        return Boolean.TRUE.equals(optionalBool(name));
    }

    public @Nullable Boolean optionalBool(String name) {
        return value(name, ScalarReader::bool);
    }

    /// Absent is 0.
    public int int32(String name) {
        Long value = value(name, at -> ScalarReader.integer(at, Integer.MIN_VALUE, Integer.MAX_VALUE));
        return value == null ? 0 : value.intValue();
    }

    public @Nullable Integer optionalInt32(String name) {
        Long value = value(name, at -> ScalarReader.integer(at, Integer.MIN_VALUE, Integer.MAX_VALUE));
        return value == null ? null : value.intValue();
    }

    /// Absent is 0; above 2^31-1 saturates.
    public int uint32(String name) {
        Integer value = optionalUint32(name);
        return value == null ? 0 : value;
    }

    public @Nullable Integer optionalUint32(String name) {
        return value(name, ObjectReader::saturatedUint32);
    }

    /// As [#uint32], but it must be there.
    public int requiredUint32(String name) {
        if (!has(name)) {
            missing(name, "is required");
        }
        return uint32(name);
    }

    /// Absent is 0; at most 2^63-1.
    public long uint64(String name) {
        Long value = optionalUint64(name);
        return value == null ? 0 : value;
    }

    public @Nullable Long optionalUint64(String name) {
        return value(name, at -> ScalarReader.integer(at, 0, Long.MAX_VALUE));
    }

    public @Nullable Double optionalNumber(String name) {
        return value(name, ScalarReader::number);
    }

    public @Nullable Duration duration(String name) {
        return value(name, ScalarReader::duration);
    }

    /// Absent is the first value, as in proto3.
    public <E extends Enum<E>> E constant(String name, E[] values) {
        E value = value(name, at -> ScalarReader.constant(at, values));
        return value == null ? values[0] : value;
    }

    public <T> @Nullable T object(String name, MessageReader<T> reader) {
        return value(name, at -> read(at, reader));
    }

    public <T> List<T> objects(String name, MessageReader<T> reader) {
        return list(name, at -> read(at, reader));
    }

    /// As [#objects], where an element that is null stands for an empty message.
    public <T> List<T> objectsOrNull(String name, MessageReader<T> reader) {
        return list(name, at -> read(at, reader), at -> empty(at, reader));
    }

    public List<String> texts(String name) {
        return list(name, ScalarReader::text);
    }

    public List<Integer> uint32s(String name) {
        return list(name, ObjectReader::saturatedUint32);
    }

    public Map<String, String> textMap(String name) {
        return map(name, ScalarReader::text);
    }

    public Map<String, Integer> uint32Map(String name) {
        return map(name, ObjectReader::saturatedUint32);
    }

    public <T> Map<String, T> objectMap(String name, MessageReader<T> reader) {
        return map(name, at -> read(at, reader));
    }

    /// As [#objectMap], where a value that is null stands for an empty message.
    public <T> Map<String, T> objectMapOrNull(String name, MessageReader<T> reader) {
        return map(name, at -> read(at, reader), at -> empty(at, reader));
    }

    /// Reports every field of the group after the first one that is there.
    public void atMostOne(String... names) {
        String first = null;
        for (String name : names) {
            if (has(name) && first == null) {
                first = name;
            } else if (has(name)) {
                String message = "cannot be given together with " + first;
                field(name).report(ProblemCode.ONE_OF, message, "delete one of the two");
            }
        }
    }

    /// A field that Istio has removed.
    public void removed(String name, String hint) {
        if (has(name)) {
            field(name).report(ProblemCode.REMOVED_FIELD, "the field was removed from Istio's API", hint);
        }
    }

    public void missing(String name, String message) {
        field(name).report(ProblemCode.MISSING_FIELD, message);
    }

    private Place field(String name) {
        ask(name);
        return place.field(name);
    }

    /// The field's place, or null where it is absent: most fields of most messages are.
    private @Nullable Place present(String name) {
        int entry = ask(name);
        return entry < 0 || entries.list().get(entry).value().isNull() ? null : place.field(name);
    }

    private int ask(String name) {
        known.add(name);
        int entry = entries.indexOf(name);
        if (entry >= 0) {
            asked.set(entry);
        }
        return entry;
    }

    private <T> @Nullable T value(String name, ValueReader<T> reader) {
        Place at = present(name);
        return at == null ? null : reader.read(at);
    }

    private <T> List<T> list(String name, ValueReader<T> reader) {
        return list(name, reader, ObjectReader::missingElement);
    }

    /// @param ofNull makes an element of null
    private <T> List<T> list(String name, ValueReader<T> reader, ValueReader<T> ofNull) {
        Place at = present(name);
        if (at == null) {
            return List.of();
        }
        if (!(at.node() instanceof YamlNode.Sequence sequence)) {
            ScalarReader.wrongType(at, "a list", "begin each element with \"- \"");
            return List.of();
        }
        List<T> values = new ArrayList<>(sequence.elements().size());
        for (int i = 0; i < sequence.elements().size(); i++) {
            T value = element(at.index(i), reader, ofNull);
            if (value != null) {
                values.add(value);
            }
        }
        return List.copyOf(values);
    }

    private <T> Map<String, T> map(String name, ValueReader<T> reader) {
        return map(name, reader, ObjectReader::missingElement);
    }

    private <T> Map<String, T> map(String name, ValueReader<T> reader, ValueReader<T> ofNull) {
        Place at = present(name);
        if (at == null) {
            return Map.of();
        }
        if (!(at.node() instanceof YamlNode.Mapping mapping)) {
            ScalarReader.wrongType(at, "a mapping", null);
            return Map.of();
        }
        SequencedMap<String, T> values = new LinkedHashMap<>();
        for (YamlNode.Entry entry : mapping.entries().list()) {
            T value = element(at.key(entry.name()), reader, ofNull);
            if (value != null) {
                values.put(entry.name(), value);
            }
        }
        return Collections.unmodifiableMap(values);
    }

    private static <T> @Nullable T element(Place at, ValueReader<T> reader, ValueReader<T> ofNull) {
        return at.isPresent() ? reader.read(at) : ofNull.read(at);
    }

    private static <T> @Nullable T missingElement(Place at) {
        at.report(ProblemCode.NULL_ELEMENT, "the value is missing", null);
        return null;
    }

    private static <T> @Nullable T empty(Place at, MessageReader<T> reader) {
        at.report(ProblemCode.NULL_AS_EMPTY, "null stands for {} here", "write {} if it is meant");
        return reader.read(new ObjectReader(at, new MappingEntries()));
    }

    private static @Nullable Integer saturatedUint32(Place at) {
        Long value = ScalarReader.integer(at, 0, ScalarReader.MAX_UINT32);
        return value == null ? null : (int) Math.min(value, Integer.MAX_VALUE);
    }

    private void close() {
        int unknown = asked.nextClearBit(0);
        for (; unknown < entries.size(); unknown = asked.nextClearBit(unknown + 1)) {
            YamlNode.Entry entry = entries.list().get(unknown);
            String hint = place.problems().isFull() ? null : Suggestion.didYouMean(entry.name(), known);
            place.field(entry.name()).reportAt(entry.key().at(), ProblemCode.UNKNOWN_FIELD, "unknown field", hint);
        }
    }
}
