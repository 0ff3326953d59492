package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.re2j.PatternSyntaxException;
import io.sallyport.net.TestRequest;
import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import io.sallyport.route.StringMatcher.Present;
import io.sallyport.route.StringMatcher.Regex;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RewriteTest {
    static Stream<Arguments> prefixes() {
        return Stream.of(
                arguments(new Prefix("/api"), "/v2", "/api/x", "/v2/x"),
                arguments(new Prefix("/api"), "/v2", "/api", "/v2"),
                arguments(new Prefix("/api"), "/v2", "/apix", "/v2x"),
                arguments(new Prefix("/api/"), "/", "/api/x", "/x"),
                arguments(new Prefix("/api"), "/", "/api", "/"),
                arguments(new Prefix("/api"), "/", "/api/x", "//x"),
                arguments(new Prefix("/API", true), "/v2", "/api/x", "/v2/x"),
                arguments(new Prefix("/"), "/base/", "/x", "/base/x"),
                arguments(new Prefix("/api/"), "v2", "/api/x", "/v2x"),
                arguments(new Exact("/api"), "/v2", "/api", "/v2"),
                arguments(new Regex("/a.*"), "/v2", "/api/x", "/v2"),
                arguments(new Present(), "/v2/", "/x", "/v2/x"),
                arguments(null, "/v2/", "/x", "/v2/x"));
    }

    @ParameterizedTest
    @MethodSource("prefixes")
    void whatTheUriMatchedIsReplaced(StringMatcher uri, String rewrite, String path, String result) {
        RouteMatch match = RouteMatch.builder().uri(uri).build();

        assertThat(match.matches(TestRequest.get(path))).isTrue();
        assertThat(new Rewrite.Uri(rewrite).apply(path, match)).isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "^/service/([^/]+)(/.*)$, \\2/instance/\\1, /service/foo/v1/api, /v1/api/instance/foo",
                "one, two, /xxx/one/yyy/one/zzz, /xxx/two/yyy/two/zzz",
                "^(.*?)one(.*)$, \\1two\\2, /xxx/one/yyy/one/zzz, /xxx/two/yyy/one/zzz",
                "(?i)/xxx/, /yyy/, /aaa/XxX/bbb, /aaa/yyy/bbb",
                ".*, /x, /a/b, /x",
                "a*, -, /baac, /-/-b-c-",
                "nothing, x, /a, /a",
                "a, [\\0], /a, /[a]",
                "a, \\\\, /a, /%5C",
                "a, $1, /a, /$1",
                "^/a, \"\", /a/b, /b",
                "^/a/, \"\", /a/b, /b",
                "(x)?a, <\\1>, /a, /%3C%3E",
                "^/, x, /a, /xa"
            })
    void everyPartThatTheExpressionMatchesIsReplaced(String regex, String substitution, String path, String result) {
        assertThat(new Rewrite.Regex(regex, substitution).apply(path, RouteMatch.ANY))
                .isEqualTo(result);
    }

    @Test
    void aSubstitutionThatNamesAMissingGroupIsRefused() {
        assertThatThrownBy(() -> new Rewrite.Regex("(a)", "\\2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("only 1");
    }

    @Test
    void aStrayBackslashIsRefused() {
        assertThatThrownBy(() -> new Rewrite.Regex("a", "x\\")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Rewrite.Regex("a", "\\n")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anExpressionThatIsNotRe2IsRefused() {
        assertThatThrownBy(() -> new Rewrite.Regex("(?=a)", "b")).isInstanceOf(PatternSyntaxException.class);
    }
}
