package io.sallyport.jwt;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.net.PercentEncoding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Where a rule looks for tokens (`JWTRule.from_headers`, `from_params`, `from_cookies`). Each finds all that
/// are there: a second one that a server might read instead must be valid, too.
sealed interface TokenPlace {
    List<TokenPlace> DEFAULTS =
            List.of(new Field(AsciiString.cached("authorization"), "Bearer "), new Parameter("access_token"));

    /// @param found gets each, a character a byte
    void find(TokenCarrier request, Consumer<AsciiString> found);

    /// Takes all that is in the place out of the request.
    void clear(TokenCarrier request);

    /// A header field. The prefix may be in any case, as a scheme of `Authorization` may (RFC 9110, 11.1).
    ///
    /// @param prefix what stands before the token; empty where the token is the whole value
    record Field(AsciiString name, String prefix) implements TokenPlace {
        @Override
        public void find(TokenCarrier request, Consumer<AsciiString> found) {
            Headers fields = request.fields();
            for (int i = fields.indexOf(name, 0); i >= 0; i = fields.indexOf(name, i + 1)) {
                AsciiString token = token(fields.value(i));
                if (token != null) {
                    found.accept(token);
                }
            }
        }

        @Override
        public void clear(TokenCarrier request) {
            request.fields().remove(name);
        }

        /// Null where the prefix is not there. It may stand behind other credentials, where Envoy finds it as well.
        private @Nullable AsciiString token(AsciiString value) {
            String word = withoutBlanks(prefix);
            boolean divided = word.length() < prefix.length();
            for (int at = 0; at + word.length() <= value.length(); at++) {
                int end = at + word.length();
                boolean begins = at == 0 || isBlank(value.charAt(at - 1)) || value.charAt(at - 1) == ',';
                boolean ends = !divided || end == value.length() || isBlank(value.charAt(end));
                if (begins && ends && value.regionMatches(true, at, word, 0, word.length())) {
                    return rest(value, end);
                }
            }
            return null;
        }

        /// What follows, without blanks at its ends.
        private static AsciiString rest(AsciiString value, int start) {
            int from = start;
            int to = value.length();
            while (from < to && isBlank(value.charAt(from))) {
                from++;
            }
            while (to > from && isBlank(value.charAt(to - 1))) {
                to--;
            }
            return value.subSequence(from, to, false);
        }
    }

    /// A query parameter. Some servers end one at a semicolon, too: what they would read must be valid as well.
    record Parameter(String name) implements TokenPlace {
        @Override
        public void find(TokenCarrier request, Consumer<AsciiString> found) {
            String query = request.query();
            for (String part : query == null ? List.<String>of() : divide(query, '&')) {
                find(part, found);
                List<String> pieces = divide(part, ';');
                pieces.subList(1, pieces.size()).forEach(piece -> find(piece, found));
            }
        }

        private void find(String part, Consumer<AsciiString> found) {
            if (isNamed(part)) {
                int equals = part.indexOf('=');
                found.accept(new AsciiString(equals < 0 ? "" : decoded(part.substring(equals + 1))));
            }
        }

        @Override
        public void clear(TokenCarrier request) {
            String query = request.query();
            if (query != null) {
                request.replaceQuery(removedFrom(query));
            }
        }

        /// Null where nothing is left.
        @Nullable
        String removedFrom(String query) {
            return without(
                    divide(query, '&'), part -> divide(part, ';').stream().anyMatch(this::isNamed), "&");
        }

        private boolean isNamed(String part) {
            int equals = part.indexOf('=');
            return decoded(equals < 0 ? part : part.substring(0, equals)).equals(name);
        }

        /// A sequence that is malformed stays as it is.
        private static String decoded(String text) {
            if (text.indexOf('%') < 0) {
                return text;
            }
            StringBuilder decoded = new StringBuilder(text.length());
            int at = 0;
            while (at < text.length()) {
                int octet = PercentEncoding.octet(text, at);
                decoded.append(octet < 0 ? text.charAt(at) : (char) octet);
                at += octet < 0 ? 1 : PercentEncoding.LENGTH;
            }
            return decoded.toString();
        }
    }

    /// A cookie.
    record Cookie(String name) implements TokenPlace {
        @Override
        public void find(TokenCarrier request, Consumer<AsciiString> found) {
            Headers fields = request.fields();
            for (int i = fields.indexOf(HeaderNames.COOKIE, 0); i >= 0; i = fields.indexOf(HeaderNames.COOKIE, i + 1)) {
                for (String pair : divide(fields.value(i).toString(), ';')) {
                    if (isNamed(pair)) {
                        String value = withoutBlanks(pair.substring(pair.indexOf('=') + 1));
                        found.accept(new AsciiString(unquoted(value)));
                    }
                }
            }
        }

        @Override
        public void clear(TokenCarrier request) {
            Headers fields = request.fields();
            for (int i = fields.size() - 1; i >= 0; i--) {
                if (fields.name(i).equals(HeaderNames.COOKIE)) {
                    String kept = without(divide(fields.value(i).toString(), ';'), this::isNamed, ";");
                    if (kept == null) {
                        fields.removeAt(i);
                    } else {
                        fields.setValue(i, new AsciiString(withoutBlanks(kept), StandardCharsets.ISO_8859_1));
                    }
                }
            }
        }

        private boolean isNamed(String pair) {
            int equals = pair.indexOf('=');
            return equals >= 0 && withoutBlanks(pair.substring(0, equals)).equals(name);
        }

        private static String unquoted(String value) {
            boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
            return quoted ? value.substring(1, value.length() - 1) : value;
        }
    }

    /// Null where nothing is left.
    private static @Nullable String without(List<String> parts, Predicate<String> removed, String separator) {
        List<String> kept = parts.stream().filter(removed.negate()).toList();
        return kept.isEmpty() ? null : String.join(separator, kept);
    }

    private static List<String> divide(String text, char separator) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + 1;
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static String withoutBlanks(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
