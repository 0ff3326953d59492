package io.sallyport.operators;

import io.netty.util.AsciiString;
import io.sallyport.format.Command;
import io.sallyport.format.FieldValues;
import io.sallyport.format.ParsedFormat;
import io.sallyport.format.ParsedFormat.Literal;
import io.sallyport.format.ParsedFormat.Piece;
import io.sallyport.format.ParsedFormat.Value;
import io.sallyport.outcome.RequestFacts;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A text of its own by a format, in which nothing is escaped. A control character, which a certificate's subject may
/// have, is a blank: it would end a header's field (RFC 9110, 5.5).
public final class ComposedText {
    private static final byte DELETE = 0x7f;

    private ComposedText() {}

    /// The value of a header: what is not there is nothing, and blanks at the ends are not a part of it.
    ///
    /// @return empty where nothing of it is there
    public static AsciiString of(ParsedFormat format, RequestFacts facts, FieldValues fields) {
        var bytes = new ByteArrayOutputStream();
        for (Piece piece : format.pieces()) {
            switch (piece) {
                case Literal(String text) -> put(text, bytes);
                case Value value -> {
                    if (!value.command().operator().isOfEnd()) {
                        put(text(value.command(), facts, fields), bytes);
                    }
                }
            }
        }
        return withoutBlanks(withoutControls(bytes.toByteArray()));
    }

    /// What is said of a request that has ended.
    ///
    /// @param longest of each value, characters
    /// @param absent stands for what is not there
    public static String ofEnded(
            ParsedFormat format, RequestFacts facts, FieldValues fields, int longest, String absent) {
        var bytes = new ByteArrayOutputStream();
        for (Piece piece : format.pieces()) {
            switch (piece) {
                case Literal(String text) -> put(text, bytes);
                case Value value -> {
                    CharSequence text = text(value.command(), facts, fields);
                    CharSequence shown = text == null || text.isEmpty() ? absent : text;
                    put(shown.length() > longest ? shown.subSequence(0, longest) : shown, bytes);
                }
            }
        }
        return new String(withoutControls(bytes.toByteArray()), StandardCharsets.UTF_8);
    }

    private static byte[] withoutControls(byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if ((text[i] >= 0 && text[i] < ' ' && text[i] != '\t') || text[i] == DELETE) {
                text[i] = ' ';
            }
        }
        return text;
    }

    private static AsciiString withoutBlanks(byte[] text) {
        int start = 0;
        int end = text.length;
        while (start < end && isBlank(text[start])) {
            start++;
        }
        while (end > start && isBlank(text[end - 1])) {
            end--;
        }
        return new AsciiString(text, start, end - start, false);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static @Nullable CharSequence text(Command command, RequestFacts facts, FieldValues fields) {
        CharSequence text =
                switch (command.operator().gives()) {
                    case NUMBER -> number(OperatorValues.number(command, facts));
                    case ADDRESS -> AddressText.of(OperatorValues.address(command.operator(), facts));
                    case TIME -> time(command, OperatorValues.time(command.operator(), facts));
                    case TEXT -> OperatorValues.text(command, facts, fields);
                };
        return text == null ? null : command.cut(text);
    }

    private static @Nullable String number(long number) {
        return number < 0 ? null : Long.toString(number);
    }

    private static @Nullable CharSequence time(Command command, long millis) {
        return millis < 0 || command.time() == null ? null : new TimeText(command.time()).at(millis);
    }

    /// What peers sent as bytes stays these bytes.
    private static void put(@Nullable CharSequence text, ByteArrayOutputStream to) {
        if (text instanceof AsciiString bytes) {
            to.write(bytes.array(), bytes.arrayOffset(), bytes.length());
        } else if (text != null) {
            to.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
