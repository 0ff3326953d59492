package io.sallyport.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Lists in fields' values: what separates elements, and what is blank around them.
class FieldListTest {
    static Stream<Arguments> lists() {
        return Stream.of(
                Arguments.of("", List.of("")),
                Arguments.of(" \t ", List.of("")),
                Arguments.of("a", List.of("a")),
                Arguments.of("a,b", List.of("a", "b")),
                Arguments.of("\t a \t,\t b c ", List.of("a", "b c")),
                Arguments.of(",a,,b,", List.of("", "a", "", "b", "")),
                Arguments.of("a;b, c", List.of("a;b", "c")));
    }

    @ParameterizedTest
    @MethodSource
    void lists(String list, List<String> elements) {
        assertThat(elements(FieldList.of(bytes(list)))).isEqualTo(elements);
    }

    static IntStream notBlank() {
        return IntStream.range(0, 256).filter(b -> b != ' ' && b != '\t' && b != ',' && b != ';');
    }

    @ParameterizedTest
    @MethodSource("notBlank")
    void everyOtherByteIsAPartOfItsElement(int b) {
        String element = (char) b + "x" + (char) b;

        assertThat(elements(FieldList.of(bytes("a, " + element + " ,b")))).containsExactly("a", element, "b");
        assertThat(elements(FieldList.ofSemicolons(bytes(element + ";\t" + element))))
                .containsExactly(element, element);
        assertThat(FieldList.trimmed(bytes(" " + element + "\t")).toString()).isEqualTo(element);
        assertThat(FieldList.contains(bytes("a, " + element), bytes("x"))).isFalse();
    }

    @Test
    void elementsJoinedAgainAreTheListWithoutBlankAroundThem() {
        Random random = new Random(11);
        for (int i = 0; i < 2_000; i++) {
            String list = random.ints(random.nextInt(20), 0, 6)
                    .mapToObj(n -> " \t,x\u00a0\u0085".substring(n, n + 1))
                    .reduce("", String::concat);
            String joined = String.join(",", elements(FieldList.of(bytes(list))));

            assertThat(joined).isEqualTo(list.replaceAll("[ \t]*(,|\\A|\\z)[ \t]*", "$1"));
        }
    }

    private static List<String> elements(FieldList list) {
        List<String> elements = new ArrayList<>();
        while (list.next()) {
            elements.add(list.element().toString());
        }
        return elements;
    }

    private static AsciiString bytes(String latin1) {
        return new AsciiString(latin1.getBytes(StandardCharsets.ISO_8859_1), false);
    }
}
