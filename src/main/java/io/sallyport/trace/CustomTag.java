package io.sallyport.trace;

import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import org.jspecify.annotations.Nullable;

/// An attribute that the configuration adds to spans.
///
/// @param header of the request, whose value it has; null for a value that is always the same
/// @param value that it has otherwise; empty for none
public record CustomTag(String name, @Nullable AsciiString header, String value) {
    /// A longer value of a header is cut, characters.
    private static final int LONGEST = 1024;

    /// @param headers null where there is no request
    /// @return empty where the span does not get it
    String valueFor(@Nullable Headers headers) {
        if (header == null) {
            return value;
        }
        if (headers == null) {
            return "";
        }
        AsciiString found = headers.get(header);
        if (found == null) {
            return value;
        }
        String text = found.toString();
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }
}
