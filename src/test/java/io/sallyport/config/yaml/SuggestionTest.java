package io.sallyport.config.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    private static final List<String> FIELDS =
            List.of("match", "route", "redirect", "directResponse", "timeout", "ignoreUriCase", "tls", "tcp");

    @ParameterizedTest
    @CsvSource({
        "math, match",
        "rotue, route",
        "Route, route",
        "routes, route",
        "direct_response, directResponse",
        "directresponse, directResponse",
        "tiemout, timeout",
        "ignoreURICase, ignoreUriCase",
        "tl, tls",
    })
    void theNearestNameIsSuggested(String written, String meant) {
        assertThat(Suggestion.didYouMean(written, FIELDS)).isEqualTo("did you mean \"" + meant + "\"?");
    }

    @ParameterizedTest
    @CsvSource({"zzz", "x", "weight", "retries"})
    void whatIsFarFromAllGetsNoSuggestion(String written) {
        assertThat(Suggestion.didYouMean(written, FIELDS)).isNull();
    }

    @Test
    void longTextIsNotCompared() {
        assertThat(Suggestion.nearest("m".repeat(1_000_000), FIELDS)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "abc, abc, 0",
        "abc, acb, 1",
        "abc, abcd, 1",
        "abc, ab, 1",
        "abc, axc, 1",
        "abcd, badc, 2",
        "a, bcdef, 4"
    })
    void slipsAreCounted(String a, String b, int slips) {
        assertThat(Suggestion.distance(a, b, 4)).isEqualTo(slips);
    }
}
