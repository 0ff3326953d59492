package io.sallyport.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.sallyport.format.ParsedFormat.Builder;
import io.sallyport.format.ParsedFormat.Quoting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Reads an object of JSON whose strings have operators. A string that is one operator becomes a value of its type,
/// `null` where there is none; others become strings (Envoy's `json_format`).
final class JsonTemplate {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final String text;
    private final Builder to = new Builder();
    private final FormatParser parser = new FormatParser(to);

    private JsonTemplate(String text) {
        this.text = text;
    }

    static ParsedFormat line(String text) throws FormatException {
        return new JsonTemplate(text).read();
    }

    private ParsedFormat read() throws FormatException {
        try (JsonParser in = FACTORY.createParser(text)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw new FormatException("line 1, column 1: not an object of JSON; write {\"key\": \"%OPERATOR%\"}");
            }
            object(in);
            if (in.nextToken() != null) {
                throw at(in, "something follows the object; take it out");
            }
        } catch (JsonProcessingException e) {
            throw new FormatException("line " + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr() + ": not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new FormatException("not JSON: " + e.getMessage());
        }
        to.literal("\n");
        return to.build(text);
    }

    private static FormatException at(JsonParser in, String message) {
        return new FormatException("line " + in.currentTokenLocation().getLineNr() + ", column "
                + in.currentTokenLocation().getColumnNr() + ": " + message);
    }

    private void object(JsonParser in) throws IOException, FormatException {
        to.literal("{");
        String separator = "";
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            to.literal(separator)
                    .literal("\"")
                    .literal(escaped(in.currentName()))
                    .literal("\":");
            in.nextToken();
            value(in);
            separator = ",";
        }
        to.literal("}");
    }

    private void value(JsonParser in) throws IOException, FormatException {
        switch (in.currentToken()) {
            case START_OBJECT -> object(in);
            case START_ARRAY -> {
                to.literal("[");
                String separator = "";
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    to.literal(separator);
                    value(in);
                    separator = ",";
                }
                to.literal("]");
            }
            case VALUE_STRING -> string(in);
            default -> to.literal(in.getText());
        }
    }

    private void string(JsonParser in) throws IOException, FormatException {
        List<Object> parts = new ArrayList<>();
        try {
            parser.parts(in.getText(), new FormatParser.Parts() {
                @Override
                public void literal(String literal) {
                    parts.add(literal);
                }

                @Override
                public void command(Command command) {
                    parts.add(command);
                }
            });
        } catch (FormatException e) {
            throw at(in, "in this string, " + e.getMessage());
        }
        if (parts.size() == 1 && parts.getFirst() instanceof Command command) {
            to.value(command, Quoting.JSON_VALUE);
            return;
        }
        to.literal("\"");
        for (Object part : parts) {
            if (part instanceof Command command) {
                to.value(command, Quoting.JSON_PART);
            } else {
                to.literal(escaped((String) part));
            }
        }
        to.literal("\"");
    }

    private static String escaped(String text) {
        return new String(JsonStringEncoder.getInstance().quoteAsString(text));
    }
}
