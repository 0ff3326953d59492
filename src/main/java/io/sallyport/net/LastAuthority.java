package io.sallyport.net;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The authority that the last request of a connection has named. Most requests name the same again, which is then
/// neither checked nor copied once more. Not thread-safe.
public final class LastAuthority {
    private byte[] bytes = {};
    private String text = "";

    /// @return the field as text, the same object where it is the same as before; null where it is no authority
    ///     ([Authority#isValid])
    public @Nullable String read(AsciiString field) {
        int from = field.arrayOffset();
        if (Arrays.equals(bytes, 0, bytes.length, field.array(), from, from + field.length()) && bytes.length > 0) {
            return text;
        }
        if (!Authority.isValid(field)) {
            return null;
        }
        bytes = field.toByteArray();
        text = field.toString();
        return text;
    }
}
