package io.sallyport.route;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/// A credential of the gateway's own that header operations put into requests. Equal where it is the same one.
/// Thread-safe.
public interface HeaderCredential {
    /// As it is sent; null where there is none now: then the request must not be sent.
    @Nullable
    AsciiString value();

    /// What it is, never what it says: `JWT-SVID for https://api.example`.
    String description();

    /// One that nobody gives.
    record Absent(String description) implements HeaderCredential {
        @Override
        public @Nullable AsciiString value() {
            return null;
        }
    }
}
