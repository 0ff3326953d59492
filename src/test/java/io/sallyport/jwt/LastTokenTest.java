package io.sallyport.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LastTokenTest {
    private final LastToken last = new LastToken();

    @Test
    void isHashedOnce() {
        TokenHash hash = last.hash(token("a.b.c"));
        last.keep(token("a.b.c"), hash);

        assertThat(last.hash(token("a.b.c"))).isSameAs(hash);
        assertThat(last.hash(token("a.b.d"))).isEqualTo(TokenHash.of(token("a.b.d")));
    }

    @Test
    void whatNobodyHasVerifiedIsNotKept() {
        TokenHash hash = last.hash(token("a.b.c"));

        assertThat(last.hash(token("a.b.c"))).isEqualTo(hash).isNotSameAs(hash);
    }

    @Test
    void isACopyOfAPartOfAHead() {
        byte[] head = "Bearer a.b.c".getBytes(StandardCharsets.US_ASCII);
        AsciiString part = new AsciiString(head, 7, 5, false);
        last.keep(part, last.hash(part));
        head[7] = 'x';

        assertThat(last.hash(token("a.b.c"))).isEqualTo(TokenHash.of(token("a.b.c")));
        assertThat(last.hash(part)).isEqualTo(TokenHash.of(token("x.b.c")));
    }

    @Test
    void isNotKeptWhereItIsLong() {
        AsciiString longest = token("a".repeat(LastToken.LONGEST));
        AsciiString longer = token("a".repeat(LastToken.LONGEST + 1));
        TokenHash hash = last.hash(longer);
        last.keep(longer, hash);
        assertThat(last.hash(longer)).isNotSameAs(hash);

        hash = last.hash(longest);
        last.keep(longest, hash);
        assertThat(last.hash(longest)).isSameAs(hash);
    }

    private static AsciiString token(String text) {
        return new AsciiString(text);
    }
}
