package io.sallyport.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// One connection's requests after each other, whatever the one before has named.
class LastAuthorityTest {
    private static final String[] NAMED = {
        "a.example",
        "a.example",
        "b.example",
        "",
        "a.example",
        "A.example",
        "a.example:80",
        "a b",
        "a.example:80",
        "~",
        "[::1]"
    };

    private final LastAuthority last = new LastAuthority();

    /// At an offset in a larger array, as decoders cut fields out of heads.
    private static AsciiString field(String text) {
        byte[] head = ("host: " + text + "\r\n").getBytes(StandardCharsets.US_ASCII);
        return new AsciiString(head, 6, text.length(), false);
    }

    @Test
    void eachIsReadAsIfItWereTheFirst() {
        for (String named : NAMED) {
            assertThat(last.read(field(named))).isEqualTo(Authority.isValid(named) ? named : null);
        }
    }

    @Test
    void theSameIsNotCopiedAgain() {
        assertThat(last.read(field("a.example"))).isSameAs(last.read(field("a.example")));
    }

    /// Decoders write the next head into the same array.
    @Test
    void itDoesNotChangeWithTheHead() {
        byte[] head = "a.example".getBytes(StandardCharsets.US_ASCII);
        AsciiString field = new AsciiString(head, false);
        assertThat(last.read(field)).isEqualTo("a.example");
        head[0] = 'b';

        assertThat(last.read(new AsciiString(head, false))).isEqualTo("b.example");
    }
}
