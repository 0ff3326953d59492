package io.sallyport.config.decode;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.sallyport.config.yaml.YamlNode;
import io.sallyport.config.yaml.YamlNode.ScalarType;
import java.util.regex.Pattern;

/// A `google.protobuf.Struct` of a document as JSON.
final class JsonText {
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private JsonText() {}

    static String of(YamlNode node) {
        StringBuilder out = new StringBuilder();
        append(node, out);
        return out.toString();
    }

    private static void append(YamlNode node, StringBuilder out) {
        switch (node) {
            case YamlNode.Mapping mapping -> {
                String separator = "{";
                for (YamlNode.Entry entry : mapping.entries().list()) {
                    out.append(separator);
                    text(entry.name(), out);
                    append(entry.value(), out.append(':'));
                    separator = ",";
                }
                out.append(separator.equals("{") ? "{}" : "}");
            }
            case YamlNode.Sequence sequence -> {
                String separator = "[";
                for (YamlNode element : sequence.elements()) {
                    append(element, out.append(separator));
                    separator = ",";
                }
                out.append(separator.equals("[") ? "[]" : "]");
            }
            case YamlNode.Scalar scalar -> scalar(scalar, out);
        }
    }

    /// Numbers that JSON would write otherwise, such as 0x10, are written as texts.
    private static void scalar(YamlNode.Scalar scalar, StringBuilder out) {
        if (scalar.type() == ScalarType.NULL) {
            out.append("null");
        } else if (scalar.type() == ScalarType.BOOL) {
            out.append(Boolean.parseBoolean(scalar.text()));
        } else {
            boolean number = scalar.type() != ScalarType.TEXT
                    && NUMBER.matcher(scalar.text()).matches();
            if (number) {
                out.append(scalar.text());
            } else {
                text(scalar.text(), out);
            }
        }
    }

    private static void text(String text, StringBuilder out) {
        out.append('"')
                .append(JsonStringEncoder.getInstance().quoteAsString(text))
                .append('"');
    }
}
