package io.sallyport.config.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "0s, PT0S",
        "5s, PT5S",
        "1.5s, PT1.5S",
        ".5s, PT0.5S",
        "1.s, PT1S",
        "10ms, PT0.01S",
        "1h30m, PT1H30M",
        "1m1m, PT2M",
        "+2m, PT2M",
        "100us, PT0.0001S",
        "100µs, PT0.0001S",
        "3ns, PT0.000000003S",
        "0.1ns, PT0S",
        "2562047h, PT2562047H",
    })
    void isReadAsGoReadsIt(String text, Duration expected) {
        assertThat(DurationText.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "+",
                "-1s",
                "5",
                "s",
                ".s",
                "1..5s",
                "1 s",
                "1S",
                "1d",
                "1h30",
                "1e3s",
                "5s ",
                "٣s",
                "2562048h",
                "99999999999999999999999999h"
            })
    void elseIsRefused(String text) {
        assertThat(DurationText.parse(text)).isNull();
    }
}
