package io.sallyport.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XxHash64Test {
    private static final long PRIME = 2654435761L;

    /// From the tests of github.com/cespare/xxhash.
    @ParameterizedTest
    @CsvSource({
        "'', ef46db3751d8e999",
        "a, d24ec4f1a98c6e5b",
        "as, 1c330fb2d66be179",
        "asd, 631c37ce72a97393",
        "asdf, 415872f599cea71e",
        "'Call me Ishmael. Some years ago--never mind how long precisely-', 02a2e85470d6fd96"
    })
    void textsHashAsPublished(String text, String hash) {
        assertThat(Long.toHexString(XxHash64.hash(text, 0))).isEqualTo(hash.replaceFirst("^0", ""));
        assertThat(XxHash64.hash(new AsciiString(text), 0)).isEqualTo(XxHash64.hash(text, 0));
    }

    /// The self-test of the reference implementation (xxHash 0.6, `xxhsum.c`).
    @ParameterizedTest
    @CsvSource({
        "0, 0, ef46db3751d8e999",
        "0, 2654435761, ac75fda2929b17ef",
        "1, 0, 4fce394cc88952d8",
        "1, 2654435761, 739840cb819fa723",
        "14, 0, cffa8db881bc3a3d",
        "14, 2654435761, 5b9611585efcc9cb",
        "101, 0, 0eab543384f878ad",
        "101, 2654435761, caa65939306f1e21"
    })
    void bytesHashAsInTheReferencesOwnTest(int length, long seed, String hash) {
        assertThat(XxHash64.hash(sanityBuffer(length), seed)).isEqualTo(Long.parseUnsignedLong(hash, 16));
    }

    private static CharSequence sanityBuffer(int length) {
        byte[] bytes = new byte[length];
        int generator = (int) PRIME;
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (generator >>> 24);
            generator *= generator;
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void aPartOfAFieldHashesLikeTheSameTextAlone() {
        AsciiString field = new AsciiString("session=0123456789abcdef0123456789abcdef0123; x=y");
        assertThat(XxHash64.hash(field.subSequence(8, 44, false), 0))
                .isEqualTo(XxHash64.hash("0123456789abcdef0123456789abcdef0123", 0));
    }
}
