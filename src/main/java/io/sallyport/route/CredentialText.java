package io.sallyport.route;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A header's value that holds a credential, and the text around it. Composed once for each credential. Thread-safe.
public final class CredentialText {
    private record Composed(AsciiString credential, AsciiString text) {}

    private final String before;
    private final HeaderCredential credential;
    private final String after;
    private volatile @Nullable Composed last;

    public CredentialText(String before, HeaderCredential credential, String after) {
        this.before = before;
        this.credential = credential;
        this.after = after;
    }

    /// As it is sent; null where there is no credential now.
    public @Nullable AsciiString value() {
        AsciiString now = credential.value();
        if (now == null) {
            return null;
        }
        Composed composed = last;
        if (composed == null || composed.credential != now) {
            composed =
                    new Composed(now, new AsciiString((before + now + after).getBytes(StandardCharsets.UTF_8), false));
            last = composed;
        }
        return composed.text;
    }

    /// Without the credential: `Bearer <JWT-SVID for https://api.example>`.
    public String description() {
        return before + '<' + credential.description() + '>' + after;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CredentialText that
                && before.equals(that.before)
                && credential.equals(that.credential)
                && after.equals(that.after);
    }

    @Override
    public int hashCode() {
        return description().hashCode();
    }

    @Override
    public String toString() {
        return description();
    }
}
