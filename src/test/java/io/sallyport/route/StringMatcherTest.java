package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.re2j.PatternSyntaxException;
import io.netty.util.AsciiString;
import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import io.sallyport.route.StringMatcher.Present;
import io.sallyport.route.StringMatcher.Regex;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StringMatcherTest {
    static Stream<Arguments> cases() {
        return Stream.of(
                arguments(new Exact("a"), "a", true),
                arguments(new Exact("a"), "A", false),
                arguments(new Exact("a"), "ab", false),
                arguments(new Exact("a"), "", false),
                arguments(new Exact(""), "", true),
                arguments(new Exact("/Ab", true), "/aB", true),
                arguments(new Exact("/ab", true), "/abc", false),
                arguments(new Exact("[", true), "{", false),
                arguments(new Exact("k", true), "\u212a", false),
                arguments(new Prefix("/v2"), "/v2", true),
                arguments(new Prefix("/v2"), "/v2x", true),
                arguments(new Prefix("/v2"), "/v2/x", true),
                arguments(new Prefix("/v2"), "/v", false),
                arguments(new Prefix("/v2/"), "/v2", false),
                arguments(new Prefix("/v2"), "/V2", false),
                arguments(new Prefix("/V2", true), "/v2/x", true),
                arguments(new Regex("a+"), "aaa", true),
                arguments(new Regex("a+"), "aab", false),
                arguments(new Regex("a+"), "baa", false),
                arguments(new Regex("a|ab"), "ab", true),
                arguments(new Regex(""), "", true),
                arguments(new Regex("(?i)get"), "GET", true),
                arguments(new Present(), "", true),
                arguments(new Present(), "x", true));
    }

    @ParameterizedTest(name = "{0} on \"{1}\" is {2}")
    @MethodSource("cases")
    void matches(StringMatcher match, String value, boolean expected) {
        assertThat(match.matches(value)).isEqualTo(expected);
    }

    @Test
    void bytesAsTheyCameFromTheWireMatchLikeStrings() {
        assertThat(new Exact("jason").matches(AsciiString.of("jason"))).isTrue();
        assertThat(new Prefix("ja").matches(AsciiString.of("jason"))).isTrue();
        assertThat(new Regex("j.*n").matches(AsciiString.of("jason"))).isTrue();
    }

    @Test
    void theStarThatIstioTakesForPresenceIsNoExpression() {
        assertThatThrownBy(() -> new Regex("*")).isInstanceOf(PatternSyntaxException.class);
    }

    @Test
    @Timeout(5)
    void anExpressionThatBacktracksElsewhereRunsInLinearTime() {
        assertThat(new Regex("(a*)*(a|aa)+b").matches("a".repeat(10_000))).isFalse();
    }

    @Test
    void describesItself() {
        assertThat(new Exact("GET").describe()).isEqualTo("exact GET");
        assertThat(new Exact("a b").describeQuoted()).isEqualTo("exact \"a b\"");
        assertThat(new Prefix("/V", true).describe()).isEqualTo("prefix (ignoring case) /V");
        assertThat(new Regex("a+").describe()).isEqualTo("regex a+");
        assertThat(new Present().describeQuoted()).isEqualTo("presence");
    }

    @Test
    void equalConfigurationsGiveEqualMatches() {
        assertThat(new Regex("a+")).isEqualTo(new Regex("a+")).isNotEqualTo(new Regex("a*"));
    }
}
