package io.sallyport.config.model;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// `HTTPDirectResponse`: answer without an upstream.
///
/// @param status 200 to 599
/// @param body null is an empty body
public record HttpDirectResponse(int status, @Nullable Body body, Position at) {

    /// `HTTPBody`.
    public sealed interface Body {
        /// Sent as UTF-8.
        record Text(String text) implements Body {}

        /// Sent as they are once decoded.
        ///
        /// @param base64 standard alphabet; checked by the reader
        record Binary(String base64) implements Body {
            public byte[] decode() {
                return Base64.getDecoder().decode(base64);
            }
        }
    }
}
