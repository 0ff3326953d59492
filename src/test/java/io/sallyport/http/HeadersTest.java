package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeadersTest {
    private static final AsciiString[] NAMES = {
        HeaderNames.ACCEPT, HeaderNames.COOKIE, HeaderNames.VIA, AsciiString.cached("x-a"), new AsciiString("x-a")
    };

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Both kinds of values, in both kinds of places, against a list of strings.
    @Test
    void fieldsStayTogetherWhateverIsDoneToTheList() {
        Random random = new Random(7);
        Headers.Store store = new Headers.Store();
        for (int round = 0; round < 2_000; round++) {
            Headers headers = store.list();
            List<String> expected = new ArrayList<>();
            byte[] block = bytes("one two three four");
            for (int step = 0; step < 60; step++) {
                AsciiString name = NAMES[random.nextInt(NAMES.length)];
                int index = expected.isEmpty() ? 0 : random.nextInt(expected.size());
                switch (random.nextInt(12)) {
                    case 0, 1, 2, 3, 4 -> {
                        if (random.nextInt(8) == 0) {
                            block = bytes(new String(block, StandardCharsets.ISO_8859_1) + step);
                        }
                        int from = random.nextInt(block.length);
                        int to = from + random.nextInt(block.length - from + 1);
                        headers.add(name, block, from, to);
                        expected.add(name + ": " + new String(block, from, to - from, StandardCharsets.ISO_8859_1));
                    }
                    case 5, 6 -> {
                        headers.add(name, "added" + step);
                        expected.add(name + ": added" + step);
                    }
                    case 7 -> {
                        headers.set(name, "set" + step);
                        set(expected, name + ": ", "set" + step);
                    }
                    case 8 -> {
                        if (!expected.isEmpty()) {
                            headers.removeAt(index);
                            expected.remove(index);
                        }
                    }
                    case 9 -> {
                        if (!expected.isEmpty() && random.nextBoolean()) {
                            assertThat(headers.remove(name))
                                    .isEqualTo(expected.removeIf(f -> f.startsWith(name + ":")));
                        }
                    }
                    case 10 -> {
                        if (!expected.isEmpty()) {
                            String field = expected.get(index);
                            assertThat(headers.name(index) + ": " + headers.value(index))
                                    .isEqualTo(field);
                        }
                    }
                    default -> headers = random.nextInt(3) == 0 ? headers.copy() : headers;
                }
                assertThat(texts(headers)).isEqualTo(expected);
            }
            if (random.nextBoolean()) {
                headers.release();
            }
        }
    }

    private static void set(List<String> fields, String name, String value) {
        int first = -1;
        for (int i = 0; i < fields.size() && first < 0; i++) {
            first = fields.get(i).startsWith(name) ? i : -1;
        }
        if (first < 0) {
            fields.add(name + value);
            return;
        }
        fields.set(first, name + value);
        List<String> rest = fields.subList(first + 1, fields.size());
        rest.removeIf(field -> field.startsWith(name));
    }

    /// Without asking for a value, so that those which are bytes stay so.
    private static List<String> texts(Headers headers) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < headers.size(); i++) {
            byte[] value = new byte[headers.valueLength(i)];
            headers.copyValue(i, value, 0);
            all.add(headers.name(i) + ": " + new String(value, StandardCharsets.ISO_8859_1));
        }
        return all;
    }

    @Test
    void whoHoldsAReleasedListSeesNothingOfTheNext() {
        Headers.Store store = new Headers.Store();
        Headers first = store.list();
        byte[] block = bytes("secret");
        first.add(HeaderNames.AUTHORIZATION, block, 0, block.length);
        AsciiString kept = first.value(0);
        first.release();
        first.release();
        Headers second = store.list();
        second.add(HeaderNames.COOKIE, bytes("sect"), 0, 3);
        Headers third = store.list();

        assertThat(kept.toString()).isEqualTo("secret");
        assertThat(second).hasToString("cookie: sec\n");
        assertThat(third.isEmpty()).isTrue();
        assertThatThrownBy(first::size).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> first.get(HeaderNames.COOKIE)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> first.add(HeaderNames.VIA, "x")).isInstanceOf(AssertionError.class);
    }
}
