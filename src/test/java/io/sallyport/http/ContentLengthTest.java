package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentLengthTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "007,7",
        "42,42",
        "999999999999999999,999999999999999999",
        "9223372036854775807,9223372036854775807"
    })
    void digitsAreANumberOfBytes(String text, long bytes) {
        Headers headers = new Headers().add(HeaderNames.CONTENT_LENGTH, text);

        assertThat(ContentLength.parse(headers, 0)).isEqualTo(bytes);
        assertThat(ContentLength.canonize(headers, 0)).isEqualTo(bytes);
        assertThat(headers).hasToString("content-length: " + bytes + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "+1",
                " 1",
                "1 ",
                "0x1",
                "1e3",
                "1,1",
                "9223372036854775808",
                "9999999999999999999",
                "18446744073709551615",
                "18446744073709551616",
                "00000000000000000000",
                "\u0661"
            })
    void everythingElseIsNone(String text) {
        Headers headers = new Headers().add(HeaderNames.CONTENT_LENGTH, text);

        assertThat(ContentLength.canonize(headers, 0)).isEqualTo(-1);
    }
}
