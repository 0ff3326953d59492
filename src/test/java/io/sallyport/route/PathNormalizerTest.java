package io.sallyport.route;

import static io.sallyport.route.PathNormalization.BASE;
import static io.sallyport.route.PathNormalization.DECODE_AND_MERGE_SLASHES;
import static io.sallyport.route.PathNormalization.MERGE_SLASHES;
import static io.sallyport.route.PathNormalization.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNormalizerTest {
    private static RequestTarget normalize(PathNormalization mode, String target) {
        boolean modeSays = mode == NONE || mode == DECODE_AND_MERGE_SLASHES;
        return normalize(mode, modeSays ? EncodedSlashes.KEEP : EncodedSlashes.REJECT, target);
    }

    private static RequestTarget normalize(PathNormalization mode, EncodedSlashes slashes, String target) {
        return new PathNormalizer(mode, slashes).normalize(target);
    }

    @ParameterizedTest
    @CsvSource({
        "/a%2fb, /a%2Fb",
        "/a%5cb, /a%5Cb",
        "/a%2Fb/../c, /c",
        "/a//b%2f%2Fc, /a/b%2F%2Fc",
        "/a%252fb, /a%252fb",
        "/%2f, /%2F",
        "/@scope%2fname?x=%2f, /@scope%2Fname"
    })
    void keptSlashesAreCharactersOfASegment(String target, String canonical) {
        RequestTarget result = normalize(MERGE_SLASHES, EncodedSlashes.KEEP, target);

        assertThat(result.rejection()).isNull();
        assertThat(result.path()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/..%2fb", "/a%2f..", "/a%5C%2e%2e%5cb", "/%2e%2e%2f", "/a%2F.", "/a%2f..;x"})
    void aKeptSlashHidesNoDotSegment(String target) {
        assertThat(normalize(MERGE_SLASHES, EncodedSlashes.KEEP, target).isRejected())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "MERGE_SLASHES, /a%2f%2Fb, /a/b",
        "MERGE_SLASHES, /a%5c..%2fb, /b",
        "MERGE_SLASHES, /x%2f%2e%2e%2fb, /b",
        "MERGE_SLASHES, /a%252f..%252fb, /a%252f..%252fb",
        "BASE, /a%2f%2fb, /a//b",
        "BASE, /a/..%2fb, /b",
        "NONE, /a%2f..%5Cb//, /a/../b//",
        "NONE, /a%252fb, /a%252fb"
    })
    void decodedSlashesAreSlashesBeforeAllElse(PathNormalization mode, String target, String canonical) {
        assertThat(normalize(mode, EncodedSlashes.DECODE, target)).isEqualTo(new RequestTarget(canonical, null, null));
    }

    @ParameterizedTest
    @EnumSource(PathNormalization.class)
    void whatIsToBeRefusedIsRefusedInEveryMode(PathNormalization mode) {
        for (String target : new String[] {"/a%2fb", "/a%2F", "/%5cb", "/a%5Cb", "/..%2f"}) {
            assertThat(normalize(mode, EncodedSlashes.REJECT, target).isRejected())
                    .as(target)
                    .isTrue();
        }
        assertThat(normalize(mode, EncodedSlashes.REJECT, "/a%252fb?x=%2f").path())
                .isEqualTo("/a%252fb");
    }

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/a, /a",
        "/a/, /a/",
        "/A, /A",
        "/a/../b, /b",
        "/a/%2e%2e/b, /b",
        "/a/.%2E/b, /b",
        "/a/%2e./b, /b",
        "/a/./b, /a/b",
        "/a/%2e/b, /a/b",
        "/a/., /a/",
        "/a/.., /",
        "/a/b/.., /a/",
        "/a/b/../.., /",
        "/a/b/../../c, /c",
        "/a/.../b, /a/.../b",
        "/a/..b, /a/..b",
        "/a/b.., /a/b..",
        "/.a, /.a",
        "/a.b, /a.b",
        "//, /",
        "//a, /a",
        "/a//b, /a/b",
        "/a///, /a/",
        "/a/..//b, /b",
        "/a//../b, /a/b",
        "/%41%7a%30%2d%5f%7E, /Az0-_~",
        "/a%2eb, /a.b",
        "/%252f, /%252f",
        "/%2541, /%2541",
        "/%252e%252e/a, /%252e%252e/a",
        "/a%20b, /a%20b",
        "/a%3fb, /a%3Fb",
        "/a%3Fb, /a%3Fb",
        "/%25, /%25",
        "/%0a, /%0A",
        "/%c3%a9, /%C3%A9",
        "/%C3%A9, /%C3%A9",
        "/%e2%82%ac, /%E2%82%AC",
        "/%f0%9f%98%80, /%F0%9F%98%80",
        "/%f4%8f%bf%bf, /%F4%8F%BF%BF",
        "/%ee%80%80, /%EE%80%80",
        "/a{b}, /a%7Bb%7D",
        "/a|b^c, /a%7Cb%5Ec",
        "/<a>, /%3Ca%3E",
        "/a\"b, /a%22b",
        "/a`, /a%60",
        "/[a], /[a]",
        "'/a:@!$&''()*+,=b', '/a:@!$&''()*+,=b'",
        "/a;x, /a;x",
        "/a;x/../b, /b",
        "/;x, /;x",
        "/a/;x, /a/;x",
        "/...;x/a, /...;x/a",
        "/a%3bx, /a%3Bx",
        "/administrator, /administrator"
    })
    void byDefaultOneSpellingIsLeft(String target, String canonical) {
        RequestTarget result = normalize(MERGE_SLASHES, target);

        assertThat(result.rejection()).isNull();
        assertThat(result.path()).isEqualTo(canonical);
        assertThat(result.query()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "/a%2fb, path has an encoded slash",
        "/a%2Fb, path has an encoded slash",
        "/..%2f, path has an encoded slash",
        "/a%5cb, path has an encoded backslash",
        "/a%5Cb, path has an encoded backslash",
        "/a\\b, path has a backslash",
        "/..\\b, path has a backslash",
        "/a%00, path has an encoded NUL",
        "/%zz, path has a % without two hex digits",
        "/%, path has a % without two hex digits",
        "/%4, path has a % without two hex digits",
        "/%4g, path has a % without two hex digits",
        "/%u002e, path has a % without two hex digits",
        "/%%41, path has a % without two hex digits",
        "/%c0%ae, path has percent-encoded bytes that are not UTF-8",
        "/%c0%af, path has percent-encoded bytes that are not UTF-8",
        "/%c1%bf, path has percent-encoded bytes that are not UTF-8",
        "/%e0%80%af, path has percent-encoded bytes that are not UTF-8",
        "/%e0%9f%bf, path has percent-encoded bytes that are not UTF-8",
        "/%f0%80%80%af, path has percent-encoded bytes that are not UTF-8",
        "/%f0%8f%bf%bf, path has percent-encoded bytes that are not UTF-8",
        "/%ed%a0%80, path has percent-encoded bytes that are not UTF-8",
        "/%f4%90%80%80, path has percent-encoded bytes that are not UTF-8",
        "/%f5%80%80%80, path has percent-encoded bytes that are not UTF-8",
        "/%ff, path has percent-encoded bytes that are not UTF-8",
        "/%80, path has percent-encoded bytes that are not UTF-8",
        "/%c3, path has percent-encoded bytes that are not UTF-8",
        "/%c3a, path has percent-encoded bytes that are not UTF-8",
        "/%c3/%a9, path has percent-encoded bytes that are not UTF-8",
        "/%c3%c3, path has percent-encoded bytes that are not UTF-8",
        "/%e0%ff%80, path has percent-encoded bytes that are not UTF-8",
        "/%e2%82%c0, path has percent-encoded bytes that are not UTF-8",
        "/%f0%9f%98%ff, path has percent-encoded bytes that are not UTF-8",
        "/%e2%82, path has percent-encoded bytes that are not UTF-8",
        "/%e2%82%, path has percent-encoded bytes that are not UTF-8",
        "/%e2%82%41, path has percent-encoded bytes that are not UTF-8",
        "/.., path leads above the root",
        "/../a, path leads above the root",
        "/%2e%2e/a, path leads above the root",
        "/a/../../b, path leads above the root",
        "/./.., path leads above the root",
        "/..;/a, path has parameters on an empty or dot segment",
        "/a/..;x=1/b, path has parameters on an empty or dot segment",
        "/a/%2e%2e;x/b, path has parameters on an empty or dot segment",
        "/a/.;/b, path has parameters on an empty or dot segment",
        "/a/..%3b/b, path has parameters on an empty or dot segment",
        "/a/..;, path has parameters on an empty or dot segment",
        "/a/;x/b, path has parameters on an empty or dot segment",
        "/;/admin, path has parameters on an empty or dot segment",
        "a, path does not begin with /",
        "*, path does not begin with /",
        "'', path does not begin with /",
        "?x, path does not begin with /",
        "http://foo.com/, path does not begin with /",
        "/a#b, target has a fragment",
        "/a?x#b, target has a fragment",
        "/a b, target has a blank",
        "/a?x y, target has a blank",
        "/é, target has a character beyond ASCII",
        "/a?é, target has a character beyond ASCII"
    })
    void byDefaultWhatHasNoSafeMeaningIsRefused(String target, String reason) {
        RequestTarget result = normalize(MERGE_SLASHES, target);

        assertThat(result.isRejected()).isTrue();
        assertThat(result).isEqualTo(new RequestTarget("", null, reason));
    }

    @ParameterizedTest
    @EnumSource
    void noModeLetsControlBytesThrough(PathNormalization mode) {
        for (char c = 0; c < 0x100; c++) {
            if (c <= ' ' || c >= 0x7f) {
                assertThat(normalize(mode, "/a" + c).isRejected()).isTrue();
                assertThat(normalize(mode, "/a?" + c).isRejected()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"/a//b, /a//b", "//, //", "/a//../b, /a/b", "/a/..//b, //b", "/%41/./b, /A/b"})
    void baseKeepsRunsOfSlashes(String target, String canonical) {
        assertThat(normalize(BASE, target)).isEqualTo(new RequestTarget(canonical, null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a%2fb", "/a%5cb", "/a\\b", "/%00", "/%zz", "/%c0%af", "/..", "/..;/"})
    void baseRefusesWhatTheDefaultRefuses(String target) {
        assertThat(normalize(BASE, target).isRejected()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "/a%2fb, /a/b",
        "/a%2F%2fb, /a/b",
        "/a%5cb, /a/b",
        "/a%2f../b, /b",
        "/a/..%5Cb, /b",
        "/a%252fb, /a%252fb",
        "/a//b, /a/b"
    })
    void decodingTurnsEncodedSlashesIntoSlashesOnce(String target, String canonical) {
        assertThat(normalize(DECODE_AND_MERGE_SLASHES, target)).isEqualTo(new RequestTarget(canonical, null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\\b", "/..%2fb", "/..%5cb", "/%2f..%2f..", "/a/..;%2fb", "/%00", "/%c0%af"})
    void decodingRefusesTheRest(String target) {
        assertThat(normalize(DECODE_AND_MERGE_SLASHES, target).isRejected()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a/../b", "//", "/%2f", "/a\\b", "/%zz", "/%00", "/..", "/{", "/..;/", "/%c0"})
    void noneKeepsEveryByte(String target) {
        assertThat(normalize(NONE, target)).isEqualTo(new RequestTarget(target, null, null));
    }

    @ParameterizedTest
    @CsvSource({
        "/a?, /a, ''",
        "/a?x=1, /a, x=1",
        "/a/../b?x=/../%2f//%zz\\, /b, x=/../%2f//%zz\\",
        "/a?x?y, /a, x?y",
        "/?/.., /, /.."
    })
    void theQueryStaysAsItWasSent(String target, String path, String query) {
        RequestTarget result = normalize(MERGE_SLASHES, target);

        assertThat(result).isEqualTo(new RequestTarget(path, query, null));
        assertThat(result.pathAndQuery()).isEqualTo(path + "?" + query);
    }

    @ParameterizedTest
    @CsvSource({"/a, /a", "/admin;x, /admin", "/admin;x/y, /admin/y", "/a;b=c;d/e;f, /a/e", "/a/;x, /a/", "/a;/b;, /a/b"
    })
    void aPolicyCanSeeThePathAsServersReadItThatDropParameters(String target, String stripped) {
        RequestTarget result = normalize(MERGE_SLASHES, target);

        assertThat(result.path()).isEqualTo(target);
        assertThat(result.pathWithoutParameters()).isEqualTo(stripped);
    }

    @Test
    void aCanonicalTargetIsNotCopied() {
        for (String target : new String[] {"/a/b.c", "/%C3%A9/x", "/a;b"}) {
            assertThat(normalize(MERGE_SLASHES, target).path()).isSameAs(target);
        }
    }

    @Test
    void everyByteHasOneSpelling() {
        for (int value = 1; value < 0x80; value++) {
            if (value != '/' && value != '\\') {
                String lower = String.format("/a%%%02xb", value);
                String upper =
                        lower.toUpperCase(Locale.ROOT).replace("/A%", "/a%").replaceAll("B$", "b");
                String canonical = normalize(MERGE_SLASHES, lower).path();
                boolean unreserved = Character.isLetterOrDigit(value) || "-._~".indexOf(value) >= 0;

                assertThat(canonical).isEqualTo(normalize(MERGE_SLASHES, upper).path());
                assertThat(canonical).isEqualTo(unreserved ? "/a" + (char) value + "b" : upper);
            }
        }
    }
}
