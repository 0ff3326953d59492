package io.sallyport.extauth;

import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.net.AsciiCase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One change that an authorizer makes to the header of a request or response.
///
/// @param value empty for [Action#REMOVE]
public record HeaderEdit(Action action, AsciiString name, AsciiString value) {
    /// As Envoy's `HeaderAppendAction`.
    public enum Action {
        APPEND,
        ADD_IF_ABSENT,
        SET,
        SET_IF_PRESENT,
        REMOVE
    }

    /// What frames a message, belongs to a connection or says whom a request is for is not an authorizer's to change.
    private static final Set<AsciiString> FORBIDDEN = Set.of(
            HeaderNames.HOST,
            HeaderNames.CONTENT_LENGTH,
            HeaderNames.TRANSFER_ENCODING,
            HeaderNames.CONNECTION,
            HeaderNames.TE,
            HeaderNames.UPGRADE,
            HeaderNames.EXPECT,
            HeaderNames.TRAILER,
            HeaderNames.KEEP_ALIVE,
            HeaderNames.PROXY_CONNECTION,
            AsciiString.cached("http2-settings"));

    /// A value that cannot be sent takes the field away, so that none stands there that somebody else gave.
    ///
    /// @param name in any case
    /// @param value with or without blanks around it
    /// @return null where the field may not be changed, or nobody can send one of that name
    static @Nullable HeaderEdit of(Action action, String name, byte[] value) {
        AsciiString lower = AsciiString.of(AsciiCase.lower(name));
        if (!isEditable(lower) || !FieldSyntax.isToken(name)) {
            return null;
        }
        AsciiString text = trimmed(value);
        return FieldSyntax.isValue(text)
                ? new HeaderEdit(action, lower, text)
                : new HeaderEdit(Action.REMOVE, lower, AsciiString.EMPTY_STRING);
    }

    /// Without blanks around it; other bytes are the authorizer's own, in whatever encoding.
    private static AsciiString trimmed(byte[] value) {
        int from = 0;
        int to = value.length;
        while (from < to && FieldSyntax.isBlank(value[from])) {
            from++;
        }
        while (from < to && FieldSyntax.isBlank(value[to - 1])) {
            to--;
        }
        return new AsciiString(value, from, to - from, false);
    }

    static @Nullable HeaderEdit of(Action action, String name, String value) {
        return of(action, name, value.strip().getBytes(StandardCharsets.UTF_8));
    }

    /// Not what tells loops and clients' addresses, by which policies judge afterwards.
    static boolean isEditable(AsciiString lowerCaseName) {
        return isAllowed(lowerCaseName)
                && !lowerCaseName.equals(HeaderNames.VIA)
                && !lowerCaseName.equals(HeaderNames.X_ENVOY_EXTERNAL_ADDRESS);
    }

    static boolean isAllowed(AsciiString lowerCaseName) {
        return !FORBIDDEN.contains(lowerCaseName);
    }

    /// Edits a header, in order.
    public static void apply(List<HeaderEdit> edits, Headers headers) {
        for (int i = 0; i < edits.size(); i++) {
            edits.get(i).apply(headers);
        }
    }

    private void apply(Headers headers) {
        boolean present = headers.contains(name);
        switch (action) {
            case APPEND -> headers.add(name, value);
            case ADD_IF_ABSENT -> {
                if (!present) {
                    headers.add(name, value);
                }
            }
            case SET -> headers.set(name, value);
            case SET_IF_PRESENT -> {
                if (present) {
                    headers.set(name, value);
                }
            }
            case REMOVE -> headers.remove(name);
        }
    }
}
