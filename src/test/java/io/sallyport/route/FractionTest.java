package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FractionTest {
    private static final int DRAWS = 1_000_000;

    /// Within five standard deviations.
    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.5, 12.5, 50, 99.9})
    void itIncludesAsManyAsItSays(double percent) {
        Fraction fraction = Fraction.ofPercent(percent);
        SplittableRandom random = new SplittableRandom(7);
        int included = 0;
        for (int i = 0; i < DRAWS; i++) {
            included += fraction.includes(random.nextInt()) ? 1 : 0;
        }

        double share = percent / 100;
        assertThat((double) included)
                .isCloseTo(
                        DRAWS * share, org.assertj.core.data.Offset.offset(5 * Math.sqrt(DRAWS * share * (1 - share))));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void noneIsNobodyAndAllIsEverybody(int random) {
        assertThat(Fraction.NONE.includes(random)).isFalse();
        assertThat(Fraction.ALL.includes(random)).isTrue();
        assertThat(Fraction.ofPercent(100)).isEqualTo(Fraction.ALL);
    }

    @ParameterizedTest
    @CsvSource({"0.0001, 1", "0.29, 2900", "33.3333, 333333"})
    void aPercentageIsKeptToAMillionth(double percent, int millionths) {
        assertThat(Fraction.ofPercent(percent).millionths()).isEqualTo(millionths);
    }

    @Test
    void moreThanAllIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Fraction.ofPercent(100.1));
    }
}
