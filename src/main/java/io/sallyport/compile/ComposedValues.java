package io.sallyport.compile;

import io.sallyport.format.FormatException;
import io.sallyport.format.FormatParser;
import io.sallyport.format.ParsedFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values of header fields in Envoy's format: those with operators are parsed, to be made for each request.
final class ComposedValues {
    private ComposedValues() {}

    /// The values without operators, as they are sent. In Envoy's format `%%` is a percent sign. Blanks around a
    /// value are no part of it (RFC 9110, 5.5).
    ///
    /// @param composed gets the values with operators
    static Map<String, String> literals(Map<String, String> values, Map<String, ParsedFormat> composed) {
        Map<String, String> literals = new LinkedHashMap<>();
        values.forEach((name, text) -> {
            String value = text.strip();
            ParsedFormat format = value.replace("%%", "").indexOf('%') < 0 ? null : parsed(value);
            if (format == null) {
                literals.put(name, value.replace("%%", "%"));
            } else {
                composed.put(name, format);
            }
        });
        return literals;
    }

    /// Null for a value that was refused before.
    private static @Nullable ParsedFormat parsed(String value) {
        try {
            return FormatParser.headerValue(value);
        } catch (FormatException e) {
            return null;
        }
    }
}
