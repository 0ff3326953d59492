package io.sallyport.telemetry;

import io.sallyport.format.Command;
import io.sallyport.format.ParsedFormat;
import io.sallyport.format.ParsedFormat.Literal;
import io.sallyport.format.ParsedFormat.Piece;
import io.sallyport.format.ParsedFormat.Quoting;
import io.sallyport.format.ParsedFormat.Value;
import io.sallyport.operators.OperatorValues;
import io.sallyport.operators.TimeText;
import io.sallyport.outcome.CapturedValues;
import io.sallyport.outcome.RequestFacts;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A line by a format of the user's. Whatever a value is, it stays within its field: in text it ends neither the
/// field nor the line, in JSON not the string. What is not there is `-`, and `null` where it is all of a JSON value.
final class OperatorFormat implements AccessLogFormatter {

    private final int places;
    private final Piece[] pieces;
    /// Beside the pieces that are times; they remember the second that they wrote last.
    private final @Nullable TimeText[] times;

    /// @param places where the fields that it wants begin among those that are captured
    OperatorFormat(ParsedFormat format, int places) {
        this.places = places;
        pieces = format.pieces().stream()
                .map(piece -> piece instanceof Literal literal ? new Literal(LineBuffer.utf8(literal.text())) : piece)
                .toArray(Piece[]::new);
        times = Arrays.stream(pieces)
                .map(piece -> piece instanceof Value value && value.command().time() != null
                        ? new TimeText(value.command().time())
                        : null)
                .toArray(TimeText[]::new);
    }

    @Override
    public void format(RequestFacts facts, LineBuffer out) {
        for (int i = 0; i < pieces.length; i++) {
            switch (pieces[i]) {
                case Literal literal -> out.put(literal.text());
                case Value value -> {
                    TimeText time = times[i];
                    if (time != null) {
                        time(time, value, facts, out);
                    } else {
                        value(value.command(), value.quoting(), facts, out);
                    }
                }
            }
        }
    }

    private static void time(TimeText time, Value value, RequestFacts facts, LineBuffer out) {
        long millis = OperatorValues.time(value.command().operator(), facts);
        if (millis < 0) {
            absent(value.quoting(), out);
            return;
        }
        CharSequence text = time.at(millis);
        switch (value.quoting()) {
            // The pattern is the configuration's, spaces included.
            case BARE, QUOTED -> out.put(LineBuffer.utf8(text.toString()));
            case JSON_PART -> out.json(text, LONGEST_TEXT);
            case JSON_VALUE -> out.put('"').json(text, LONGEST_TEXT).put('"');
        }
    }

    private static void quotes(boolean string, LineBuffer out) {
        if (string) {
            out.put('"');
        }
    }

    private void value(Command command, Quoting quoting, RequestFacts facts, LineBuffer out) {
        switch (command.operator().gives()) {
            case NUMBER -> {
                long number = OperatorValues.number(command, facts);
                if (number < 0) {
                    absent(quoting, out);
                } else {
                    out.put(number);
                }
            }
            case ADDRESS -> {
                SocketAddress address = OperatorValues.address(command.operator(), facts);
                if (address == null) {
                    absent(quoting, out);
                } else {
                    quotes(quoting == Quoting.JSON_VALUE, out);
                    SocketNames.put(address, out);
                    quotes(quoting == Quoting.JSON_VALUE, out);
                }
            }
            case TEXT, TIME ->
                text(
                        command,
                        quoting,
                        OperatorValues.text(
                                command,
                                facts,
                                CapturedValues.from(places, facts.log == null ? null : facts.log.logged)),
                        out);
        }
    }

    private static void text(Command command, Quoting quoting, @Nullable CharSequence text, LineBuffer out) {
        if (text == null || text.isEmpty()) {
            absent(quoting, out);
            return;
        }
        CharSequence shown = command.cut(text);
        switch (quoting) {
            case BARE -> out.bare(shown, LONGEST_TEXT);
            case QUOTED -> out.quoted(shown, LONGEST_TEXT);
            case JSON_PART -> out.json(shown, LONGEST_TEXT);
            case JSON_VALUE -> out.put('"').json(shown, LONGEST_TEXT).put('"');
        }
    }

    private static void absent(Quoting quoting, LineBuffer out) {
        if (quoting == Quoting.JSON_VALUE) {
            out.put("null");
        } else {
            out.put('-');
        }
    }
}
