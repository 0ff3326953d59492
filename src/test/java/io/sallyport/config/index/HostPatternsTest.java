package io.sallyport.config.index;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPatternsTest {
    @ParameterizedTest
    @CsvSource({
        "a.example.com,   a.example.com,   true",
        "a.example.com,   b.example.com,   false",
        "*.example.com,   a.example.com,   true",
        "*.example.com,   a.b.example.com, true",
        "*.example.com,   *.b.example.com, true",
        "*.example.com,   *.example.com,   true",
        "*.example.com,   example.com,     false",
        "*.example.com,   evilexample.com, false",
        "*.example.com,   *.com,           false",
        "*.example.com,   *,               false",
        "*,               *,               true",
        "*,               a,               true",
        "a.example.com,   *.example.com,   false",
    })
    void coversWhatEveryHostOfTheOtherMatches(String pattern, String other, boolean covers) {
        assertThat(HostPatterns.covers(pattern, other)).isEqualTo(covers);
    }

    @ParameterizedTest
    @CsvSource(
            value = {
                "*.example.com,   a.example.com,   a.example.com",
                "a.example.com,   *,               a.example.com",
                "*.example.com,   *.b.example.com, *.b.example.com",
                "*.example.com,   *.example.org,   null",
                "a.example.com,   b.example.com,   null",
            },
            nullValues = "null")
    void theIntersectionIsTheNarrowerPattern(String one, String other, String common) {
        assertThat(HostPatterns.intersection(one, other)).isEqualTo(common);
        assertThat(HostPatterns.intersection(other, one)).isEqualTo(common);
    }

    @ParameterizedTest
    @CsvSource({"A.Example.COM, a.example.com", "a.example.com., a.example.com", "*, *", "'.', '.'"})
    void canonicalNamesAreLowerCaseWithoutFinalDot(String host, String canonical) {
        assertThat(HostPatterns.canonical(host)).isEqualTo(canonical);
    }

    @Test
    void theMostSpecificPatternAnswers() {
        HostMap<String> map = new HostMap<>();
        map.add("*", "any");
        map.add("*.example.com", "wildcard");
        map.add("*.b.example.com", "longer wildcard");
        map.add("a.example.com", "exact");

        assertThat(map.first("a.example.com")).isEqualTo("exact");
        assertThat(map.first("x.example.com")).isEqualTo("wildcard");
        assertThat(map.first("x.b.example.com")).isEqualTo("longer wildcard");
        assertThat(map.first("*.b.example.com")).isEqualTo("longer wildcard");
        assertThat(map.first("*.c.b.example.com")).isEqualTo("longer wildcard");
        assertThat(map.first("example.com")).isEqualTo("any");
        assertThat(map.first("localhost")).isEqualTo("any");
    }

    @Test
    void overlappingPatternsCoverOrLieBelow() {
        HostMap<Integer> map = new HostMap<>();
        for (String pattern : new String[] {"*", "*.com", "*.example.com", "a.example.com", "xexample.com", "a.org"}) {
            map.add(pattern, 1);
        }

        assertThat(map.overlapping("*.example.com")).containsExactly("*.example.com", "*.com", "*", "a.example.com");
        assertThat(map.overlapping("a.example.com")).containsExactly("a.example.com", "*.example.com", "*.com", "*");
        assertThat(map.overlapping("*")).hasSize(6).startsWith("*");
        assertThat(map.covering("*.example.com")).containsExactly("*.example.com", "*.com", "*");
    }
}
