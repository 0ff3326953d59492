package io.sallyport.jwt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a JSON object (RFC 8259) that names no member twice, at any depth, with nothing behind it. Brackets, and
/// digits,
/// whose price grows with the square of their number, have a bound.
final class StrictJson {
    private static final int DEEPEST = 32;
    private static final int LONGEST_NUMBER = 100;

    /// Without a table of names: strangers choose them.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build())
            .build();

    private StrictJson() {}

    /// Its members in their order: texts, Long, BigInteger, Double, Boolean, null, lists and maps.
    ///
    /// @throws IOException where it is none
    static Map<String, Object> object(String json) throws IOException {
        try (JsonParser in = FACTORY.createParser(json)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonParseException(in, "no object");
            }
            Map<String, Object> members = members(in);
            if (in.nextToken() != null) {
                throw new JsonParseException(in, "more than an object");
            }
            return members;
        }
    }

    private static Map<String, Object> members(JsonParser in) throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            int before = members.size();
            members.put(name, value(in));
            if (members.size() == before) {
                throw new JsonParseException(in, "a member twice");
            }
        }
        return members;
    }

    private static List<Object> elements(JsonParser in) throws IOException {
        List<Object> elements = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(in));
        }
        return elements;
    }

    private static @Nullable Object value(JsonParser in) throws IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> members(in);
            case START_ARRAY -> elements(in);
            case VALUE_STRING -> in.getText();
            case VALUE_NUMBER_INT ->
                in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? (Object) in.getBigIntegerValue()
                        : (Object) in.getLongValue();
            case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case null, default -> throw new JsonParseException(in, "no value");
        };
    }
}
