package io.sallyport.format;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/// A format, parsed: what a line of the access log or a header's value consists of, and the header fields that it
/// wants. Their places are counted from the request's, which come first, over the response's to those of trailers.
///
/// @param source as it was written
/// @param request names in lower case, as are the others
public record ParsedFormat(
        String source,
        List<Piece> pieces,
        List<AsciiString> request,
        List<AsciiString> response,
        List<AsciiString> trailers) {
    /// A part of it.
    public sealed interface Piece {}

    public record Literal(String text) implements Piece {}

    public record Value(Command command, Quoting quoting) implements Piece {}

    /// Where a value stands, which says what could break out of there.
    public enum Quoting {
        /// A space ends it.
        BARE,
        /// Quotation marks do.
        QUOTED,
        /// Within a string of JSON, as a part of it.
        JSON_PART,
        /// The whole value of a member or element in JSON.
        JSON_VALUE
    }

    public ParsedFormat {
        pieces = List.copyOf(pieces);
        request = List.copyOf(request);
        response = List.copyOf(response);
        trailers = List.copyOf(trailers);
    }

    /// The number of captured fields.
    public int fields() {
        return request.size() + response.size() + trailers.size();
    }

    /// Gathers what parsers find.
    static final class Builder {
        private final List<Piece> pieces = new ArrayList<>();
        private final StringBuilder literal = new StringBuilder();
        private final List<AsciiString> request = new ArrayList<>();
        private final List<AsciiString> response = new ArrayList<>();
        private final List<AsciiString> trailers = new ArrayList<>();

        Builder literal(String text) {
            literal.append(text);
            return this;
        }

        void value(Command command, Quoting quoting) {
            endLiteral();
            pieces.add(new Value(command, quoting));
        }

        /// Where the field will be among those of its kind.
        int capture(Operator operator, String name) {
            List<AsciiString> fields =
                    switch (operator) {
                        case RESP -> response;
                        case TRAILER -> trailers;
                        default -> request;
                    };
            AsciiString field = AsciiString.of(name);
            if (!fields.contains(field)) {
                fields.add(field);
            }
            return fields.indexOf(field);
        }

        private void endLiteral() {
            if (!literal.isEmpty()) {
                pieces.add(new Literal(literal.toString()));
                literal.setLength(0);
            }
        }

        ParsedFormat build(String source) {
            endLiteral();
            return new ParsedFormat(source, pieces.stream().map(this::placed).toList(), request, response, trailers);
        }

        /// Now that it is known how many fields of each kind there are.
        private Piece placed(Piece piece) {
            if (!(piece instanceof Value(Command command, Quoting quoting))
                    || command.places().isEmpty()) {
                return piece;
            }
            int before =
                    switch (command.operator()) {
                        case RESP -> request.size();
                        case TRAILER -> request.size() + response.size();
                        default -> 0;
                    };
            List<Command.Source> places = command.places().stream()
                    .map(source -> new Command.Source(source.kind(), source.place() + before))
                    .toList();
            return new Value(
                    new Command(
                            command.operator(),
                            command.argument(),
                            places,
                            command.span(),
                            command.time(),
                            command.longest()),
                    quoting);
        }
    }
}
