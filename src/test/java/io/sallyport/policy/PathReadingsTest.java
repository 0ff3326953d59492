package io.sallyport.policy;

import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.route.PathNormalizer;
import io.sallyport.route.RequestPaths;
import io.sallyport.route.RequestTarget;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What denies a path denies it in every spelling in which a server takes it for this path.
class PathReadingsTest {
    private static final PathNormalizer PATHS = RequestPaths.DEFAULT.gateway();
    private static final Pattern ENCODED = Pattern.compile("%([0-9A-F]{2})");
    private static final String RESERVED = ":/?#[]@!$&'()*+,;=\\";

    /// What servers make of a path.
    private static final Map<String, UnaryOperator<String>> SERVERS = Map.of(
            "decodes all", path -> decoded(path, RESERVED),
            "cuts parameters, then decodes all", path -> decoded(cut(path), RESERVED),
            "decodes all, then cuts parameters", path -> cut(decoded(path, RESERVED)),
            "decodes all but slashes", path -> decoded(path, RESERVED.replaceAll("[/\\\\]", "")),
            "cuts parameters, then decodes all but slashes",
                    path -> decoded(cut(path), RESERVED.replaceAll("[/\\\\]", "")),
            "decodes slashes, then cuts parameters", path -> cut(decoded(path, "/")),
            "decodes all, and merges slashes", path -> merged(decoded(path, RESERVED)),
            "cuts parameters, decodes all, and takes backslashes for slashes",
                    path -> merged(decoded(cut(path), RESERVED).replace('\\', '/')));

    private static String decoded(String path, String characters) {
        return ENCODED.matcher(path).replaceAll(encoded -> {
            char c = (char) Integer.parseInt(encoded.group(1), 16);
            String text = characters.indexOf(c) >= 0 ? String.valueOf(c) : encoded.group();
            return Matcher.quoteReplacement(text);
        });
    }

    private static String cut(String path) {
        return path.replaceAll(";[^/]*", "");
    }

    private static String merged(String path) {
        return path.replaceAll("/+", "/");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '`',
            value = {
                "/x[1] /x[1]",
                "/x[1] /x%5B1%5D",
                "/x%5B1%5D /x[1]",
                "/br/[* /br/%5Ba",
                "/br/%5B* /br/[a",
                "*]z /a%5Dz",
                "*%5Dz /a]z",
                "/semi;x /semi;x",
                "/semi;x /semi%3Bx",
                "/semi%3Bx /semi;x",
                "*.bak /a.bak;x",
                "*.bak /a%3B.bak",
                "*.bak /a%3B.bak;x",
                "/a;.bak /a%3B.bak;x",
                "/c/d /c%2Fd;x%2Fe",
                "/c/d /c%5Cd;x%5Ce",
                "/x[1]/{*} /x%5B1%5D/a",
                "/x%5B1%5D/{*} /x[1]/a",
                "/{**}/[b] /a/%5Bb%5D",
                "/a?b /a%3Fb",
                "/a#* /a%23b",
                "*?b /a%3Fb",
                "*é /a/%C3%A9",
                "*{x} /a/%7bx%7d",
                "*a\\b /a%5cb",
            })
    void whatDeniesHoldsForEveryReading(String denied, String sent) {
        assertThat(isDenied(denied, sent)).isTrue();
        assertThat(isAllowedOutside(denied, sent)).as("notPaths").isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/x[1] /x[2]",
                "/semi;x /semi",
                "/semi;x /semi%253Bx",
                "*/. /a/",
                "*//b /a/b",
                "*/../b /b",
                "/a?b /a",
                "/{*}[ /a/b%5B",
            })
    void whatIsNoReadingIsNotDenied(String denied, String sent) {
        assertThat(isDenied(denied, sent)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/a;b /a;b",
                "/a%3Bb /a%3Bb",
                "/a%3Ab /a%3Ab",
                "/x%5B1%5D /x%5B1%5D",
                "/a%2Fb /a%2Fb",
                "/public/* /secret%2F..%2Fpublic/a",
                "*.css /secret;.css",
                "*.css /secret%3B.css",
            })
    void whatAllowsMustHoldForAll(String allowed, String sent) {
        assertThat(isAllowed(allowed, sent)).isFalse();
    }

    @Test
    void whatAnyServerSeesIsDenied() {
        List<String> pieces = new ArrayList<>(List.of("/", "a", "b", "/", "a", ".", "%2F", "%5C", "%3F", "%23"));
        for (char c : RESERVED.replaceAll("[/?#\\\\]", "").toCharArray()) {
            pieces.add(String.valueOf(c));
            pieces.add("%%%02X".formatted((int) c));
        }
        for (int i = 0; i < 6; i++) {
            pieces.addAll(List.of(";", "%3B", "%2F"));
        }
        Random random = new Random(6874);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder path = new StringBuilder("/");
            for (int length = 1 + random.nextInt(8); length > 0; length--) {
                path.append(pieces.get(random.nextInt(pieces.size())));
            }
            RequestTarget target = PATHS.normalize(path.toString());
            if (target.isRejected()) {
                continue;
            }
            SERVERS.forEach((name, server) -> {
                String read = server.apply(target.path());
                // A star at an end means more than itself.
                if (!read.startsWith("*") && !read.endsWith("*")) {
                    assertThat(isDenied(read, target.path()))
                            .as("%s: one that %s sees %s", target.path(), name, read)
                            .isTrue();
                    seen.add(name);
                }
            });
        }
        assertThat(seen).isEqualTo(SERVERS.keySet());
    }

    @Test
    void readingsAreFew() {
        String[] pieces = {"/", "a", "%2F", "%5C", ";", "%3B", "%5B", "//"};
        Random random = new Random(3);
        int most = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder path = new StringBuilder("/");
            for (int length = random.nextInt(40); length > 0; length--) {
                path.append(pieces[random.nextInt(pieces.length)]);
            }
            List<String> readings = PathReadings.of(path.toString());
            assertThat(readings).doesNotHaveDuplicates().startsWith(path.toString());
            most = Math.max(most, readings.size());
        }
        assertThat(most).isBetween(32, 108);
    }

    @Test
    void aPlainPathHasOneReading() {
        for (String path : List.of("/", "/a/b", "/a[1]:b", "/a%20b", "/caf%C3%A9", "/a%25b", "/a%3Fb")) {
            assertThat(PathReadings.isPlain(path)).as(path).isTrue();
            assertThat(PathReadings.of(path)).containsExactly(path);
        }
        assertThat(List.of("/a;b", "/a%3Bb", "/a%3bb", "/a%5Bb", "/a%5Db", "/a//b", "/a%2fb", "/a%3Ab"))
                .allMatch(not(PathReadings::isPlain));
    }

    private static boolean isDenied(String path, String sent) {
        return judge(Policy.Action.DENY, List.of(path), List.of(), sent) != null;
    }

    private static boolean isAllowed(String path, String sent) {
        return judge(Policy.Action.ALLOW, List.of(path), List.of(), sent) == null;
    }

    private static boolean isAllowedOutside(String path, String sent) {
        return judge(Policy.Action.ALLOW, List.of(), List.of(path), sent) == null;
    }

    private static Object judge(Policy.Action action, List<String> paths, List<String> notPaths, String sent) {
        var kind = new PolicyBuilder.Kind(
                PolicyBuilder.Subject.REQUESTS, new TrustDomains("cluster.local", List.of()), PATHS);
        var builder = new PolicyBuilder("a/p", "", action, false, null, kind);
        builder.rule(
                List.of(), List.of(List.of(new PolicyBuilder.Field(Attribute.PATH, "", paths, notPaths))), List.of());
        RequestTarget target = PATHS.normalize(sent);
        assertThat(target.rejection()).as(sent).isIn(null, "path has a dot segment beside an encoded slash");
        String path = target.isRejected() ? sent : target.path();
        return new PolicySet(List.of(builder.build())).judge(new AskedRequest().path(path));
    }
}
