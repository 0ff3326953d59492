package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiteralPrefixTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/api/v1 /api/v1",
                "/api/.* /api/",
                "^/api/.*$ /api/",
                "/api/(users|orders)/.* /api/",
                "/api/(?:a|b) /api/",
                "/v1\\.2/x /v1.2/x",
                "/a\\-b\\/c /a-b/c",
                "/ab?c /a",
                "/ab*c /a",
                "/ab+c /a",
                "/ab{0,2}c /a",
                "/a\\.?c /a",
                "/a[|]b /a",
                "/a[]|]b /a",
                "/a[^]|]b /a",
                "/a[\\]|]b /a",
                "/a\\d+ /a",
                "/aé /a",
                "/a|/b ''",
                "/a(x|y)|/b ''",
                "/a[[:alpha:](]x|y ''",
                "/a\\(|y ''",
                "/a\\Q|\\E|y ''",
                "(?i)/a ''",
                "/a(?i)b ''",
                ".* ''",
                "\\d ''",
                "(/a) ''"
            })
    void isWhatEveryMatchBeginsWith(String expression, String literal) {
        Pattern.compile(expression);

        assertThat(LiteralPrefix.of(expression)).isEqualTo(literal);
    }

    @Test
    void noExpressionMatchesWithoutItsPrefix() {
        String[] pieces = {
            "a",
            "b",
            "/",
            ".",
            "*",
            "+",
            "?",
            "|",
            "(",
            ")",
            "(?:",
            "(?i",
            "[",
            "]",
            "[^",
            "[[:alpha:]",
            "{0}",
            "{1,2}",
            "\\",
            "\\.",
            "\\(",
            "\\|",
            "\\Q",
            "\\E",
            "\\d",
            "\\pL",
            "^",
            "$",
            ")?",
            "-",
            ":]",
            "(?P<n>"
        };
        Random random = new Random(8);
        int matched = 0;
        for (int i = 0; i < 100_000; i++) {
            StringBuilder expression = new StringBuilder();
            for (int j = 1 + random.nextInt(8); j > 0; j--) {
                expression.append(pieces[random.nextInt(random.nextBoolean() ? 3 : pieces.length)]);
            }
            matched += check(expression.toString(), random);
        }
        assertThat(matched).as("matches of expressions with a prefix").isGreaterThan(2_000);
    }

    private static int check(String expression, Random random) {
        String literal = LiteralPrefix.of(expression);
        Pattern pattern;
        try {
            pattern = Pattern.compile(expression);
        } catch (PatternSyntaxException _) {
            return 0;
        }
        int matched = 0;
        for (int i = 0; i < 6 && !literal.isEmpty(); i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? literal : "");
            for (int j = random.nextInt(4); j > 0; j--) {
                text.append("ab/.|(]-".charAt(random.nextInt(8)));
            }
            if (pattern.matches(text.toString())) {
                assertThat(text.toString()).as(expression).startsWith(literal);
                matched++;
            }
        }
        return matched;
    }
}
