package io.sallyport.config.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexCostTest {
    private static final long LIMIT = 32_768;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v[0-9]+/.*",
                "[a-z]{1,63}(\\.[a-z]{1,63}){1,10}",
                "(?i)^(www\\.)?example\\.com$",
                "[^]{9}]{100}",
                "[[:alpha:]{9}]{100}",
                "a{x}{y}b{",
                "\\{1000}\\(\\[",
                "((((((((((a))))))))))",
                "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            })
    void ordinaryExpressionsAreCheap(String regex) {
        assertThat(RegexCost.of(regex)).isLessThan(LIMIT);
        Pattern.compile(regex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{100}){100}){100}",
                "(((((a{100}){100}){100}){100}){100})",
                "(((x{2}){2}){2}){1000}.(([ab]{900}){900})",
                "((\\){999}){999}){999}",
                "((]{999}){999}){999}",
                "(([(]{999}){999}){999}",
                "(?:(?:a{0,1000}){0,1000}){0,1000}",
                "((a|b{100}){100}){100}",
            })
    void repetitionsThatMultiplyAreDear(String regex) {
        assertThat(RegexCost.of(regex)).isGreaterThan(LIMIT);
    }

    @Test
    void theDearestExpressionDoesNotOverflow() {
        String regex = "(".repeat(200) + "a" + "{1000})".repeat(200);

        assertThat(RegexCost.of(regex)).isGreaterThan(LIMIT);
    }
}
