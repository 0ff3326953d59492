package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What holds for every target, whatever bytes a client makes it of.
class PathNormalizerPropertyTest {
    private static final String[] PIECES = {
        "/",
        "/",
        "/",
        ".",
        "..",
        "%2e",
        "%2E",
        "a",
        "B",
        "%41",
        "%2f",
        "%5C",
        "\\",
        ";",
        ";x=1",
        "%3b",
        "%25",
        "%252f",
        "%00",
        "%",
        "%4",
        "%zz",
        "%c3%a9",
        "%C0%AF",
        "%e2%82%ac",
        "%ed%a0%80",
        "%f0%9f%98%80",
        "%80",
        "?",
        "#",
        " ",
        "\t",
        "\0",
        "é",
        "{",
        "|",
        "~",
        "%7e",
        "%20",
        "%0d%0a",
        ":",
        "@",
        "//",
        "/../",
        "/./"
    };
    private static final Pattern CANONICAL = Pattern.compile("/([A-Za-z0-9._~!$&'()*+,;=:@\\[\\]/-]|%[0-9A-F]{2})*");
    private static final Pattern DOT_SEGMENT = Pattern.compile("(^|/)\\.{1,2}(/|$|;|%3B)");

    @Test
    void randomTargetsHoldTheInvariants() {
        Random random = new Random(3986);
        int accepted = 0;
        for (int i = 0; i < 100_000; i++) {
            StringBuilder target = new StringBuilder("/");
            int tame = random.nextInt(3) == 0 ? PIECES.length : 10;
            for (int j = random.nextInt(10); j > 0; j--) {
                target.append(PIECES[random.nextInt(tame)]);
            }
            accepted += holdsInvariants(target.toString()) ? 1 : 0;
        }
        assertThat(accepted).isBetween(20_000, 90_000);
    }

    /// Jazzer finds this method by its name and can be run on it.
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        holdsInvariants("/" + data.consumeRemainingAsString());
    }

    /// @return whether the default mode takes the target
    private static boolean holdsInvariants(String target) {
        for (PathNormalization mode : PathNormalization.values()) {
            for (EncodedSlashes slashes : EncodedSlashes.values()) {
                PathNormalizer normalizer = new PathNormalizer(mode, slashes);
                RequestTarget result = normalizer.normalize(target);
                if (!result.isRejected()) {
                    assertThat(normalizer.normalize(result.pathAndQuery()))
                            .as("%s %s: again", mode, slashes)
                            .isEqualTo(result);
                    if (mode != PathNormalization.NONE) {
                        checkCanonical(mode, slashes, target, result);
                    }
                }
                checkLiteral(normalizer, target, result);
            }
        }
        return !new PathNormalizer(PathNormalization.MERGE_SLASHES, EncodedSlashes.REJECT)
                .normalize(target)
                .isRejected();
    }

    /// A literal is what becomes of a request for it; a prefix goes on where its request does.
    private static void checkLiteral(PathNormalizer normalizer, String target, RequestTarget result) {
        if (target.indexOf('?') >= 0 || result.isRejected()) {
            return;
        }
        assertThat(normalizer.literal(target)).isEqualTo(result.path());
        RequestTarget longer = normalizer.normalize(target + "x/y");
        if (!longer.isRejected()) {
            assertThat(longer.path()).startsWith(normalizer.literalPrefix(target) + "x/");
        }
    }

    private static void checkCanonical(
            PathNormalization mode, EncodedSlashes slashes, String target, RequestTarget result) {
        String path = result.path();
        assertThat(CANONICAL.matcher(path).matches())
                .as("%s: %s of %s", mode, path, target)
                .isTrue();
        assertThat(DOT_SEGMENT.matcher(path).find())
                .as("%s: %s of %s", mode, path, target)
                .isFalse();
        boolean kept = slashes == EncodedSlashes.KEEP && mode != PathNormalization.DECODE_AND_MERGE_SLASHES;
        assertThat(path).doesNotContain("%00");
        if (!kept) {
            assertThat(path).doesNotContain("%2F").doesNotContain("%5C");
        }
        if (mode != PathNormalization.BASE) {
            assertThat(path).doesNotContain("//");
            assertThat(DOT_SEGMENT.matcher(result.pathWithoutParameters()).find())
                    .isFalse();
            assertThat(result.pathWithoutParameters()).doesNotContain("//");
        }
        if (slashes == EncodedSlashes.REJECT) {
            int mark = target.indexOf('?');
            String naive = naive(mark < 0 ? target : target.substring(0, mark), mode);
            assertThat(decoded(path)).as("%s: %s of %s", mode, path, target).isEqualTo(naive);
        }
    }

    /// The same by other means: decode everything first, which is safe where neither slash nor NUL was encoded.
    private static String naive(String path, PathNormalization mode) {
        Deque<String> kept = new ArrayDeque<>();
        String[] segments = decoded(path).substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            if (segments[i].equals("..")) {
                kept.removeLast();
            }
            boolean dots = segments[i].equals(".") || segments[i].equals("..");
            if (!dots) {
                kept.add(segments[i]);
            } else if (last) {
                kept.add("");
            }
        }
        String joined = "/" + String.join("/", kept);
        return mode == PathNormalization.BASE ? joined : joined.replaceAll("/+", "/");
    }

    private static String decoded(String path) {
        byte[] bytes = new byte[path.length()];
        int length = 0;
        for (int i = 0; i < path.length(); i++) {
            boolean encoded = path.charAt(i) == '%';
            bytes[length++] = (byte) (encoded ? Integer.parseInt(path.substring(i + 1, i + 3), 16) : path.charAt(i));
            i += encoded ? 2 : 0;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError(path + " is not UTF-8: " + Arrays.toString(bytes), e);
        }
    }

    /// Beside what holds for BASE: whoever decodes slashes, of either kind, is not led upwards, nor to where he is.
    @Test
    void whatAForwardProxyLetsThroughNeverClimbs() {
        PathNormalizer normalizer = PathNormalizer.forForwardProxy(EncodedSlashes.KEEP);
        PathNormalizer base = new PathNormalizer(PathNormalization.BASE, EncodedSlashes.REJECT);
        Random random = new Random(1738);
        String[] pieces = {"/", "%2f", "%5C", "..", ".", "%2e", "a", ";", "%3b", "//", "%252f", "%", "?", "{"};
        int accepted = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder target = new StringBuilder("/");
            for (int j = random.nextInt(9); j > 0; j--) {
                target.append(pieces[random.nextInt(random.nextInt(4) == 0 ? pieces.length : 8)]);
            }
            RequestTarget result = normalizer.normalize(target.toString());
            if (result.isRejected()) {
                assertThat(base.normalize(target.toString()).isRejected())
                        .as("BASE takes %s", target)
                        .isTrue();
                continue;
            }
            String path = result.path();
            accepted++;
            assertThat(CANONICAL.matcher(path).matches()).as(path).isTrue();
            assertThat(normalizer.normalize(result.pathAndQuery())).isEqualTo(result);
            String decoded = path.replace("%2F", "/").replace("%5C", "/");
            assertThat(DOT_SEGMENT.matcher(decoded).find())
                    .as("%s of %s", path, target)
                    .isFalse();
            assertThat(PathNormalizer.hasDotSegment(path)).as(path).isFalse();
            if (!path.contains("%2F")
                    && !path.contains("%5C")
                    && !target.toString().matches(".*%(2f|5C).*")) {
                assertThat(base.normalize(target.toString())).isEqualTo(result);
            }
        }
        assertThat(accepted).isGreaterThan(40_000);
    }

    @Test
    @Timeout(10)
    void theLongestTargetsCostTimeInProportion() {
        PathNormalizer normalizer = new PathNormalizer(PathNormalization.MERGE_SLASHES, EncodedSlashes.REJECT);
        for (String piece : new String[] {"/a/..", "//", "/.", "/%41", "/a;x", "/..a", "%2e", "/%C3%A9", ";"}) {
            String target = "/x" + piece.repeat((1 << 20) / piece.length());
            assertThat(normalizer.normalize(target).rejection()).isNull();
        }
        for (String piece : new String[] {"%2f", "%2f...", "a%5C;", "/a%2f/.."}) {
            String target = "/x" + piece.repeat((1 << 20) / piece.length());
            assertThat(PathNormalizer.forForwardProxy(EncodedSlashes.KEEP)
                            .normalize(target)
                            .rejection())
                    .isNull();
        }
    }
}
