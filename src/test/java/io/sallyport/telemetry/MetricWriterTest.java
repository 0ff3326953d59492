package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.telemetry.MetricWriter.Type;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricWriterTest {
    private final Scraped scraped = new Scraped();

    @Test
    void eachFormatHasItsNamesAndEnd() {
        scraped.exposition.add(out -> {
            out.family("a", Type.COUNTER, "What a is.");
            out.labels().label("x", "1").label("y", "2").sample(3);
            out.family("b", Type.GAUGE, "What b is.");
            out.labels().sample(-0.5);
            out.family("c", Type.HISTOGRAM, "What c is.");
            out.labels().histogram(new BucketBounds(new double[] {0.5, 2}), new long[] {1, 0, 3}, 9.25);
            out.labels().label("x", "1").histogram(new BucketBounds(new double[0]), new long[] {1_234_567_890_123L}, 0);
            out.family("d", Type.SUMMARY, "A \"\\\n\".");
            out.labels().label("x", "1").summary(7, 0.5);
        });

        assertThat(scraped.text(MetricFormat.TEXT)).isEqualTo("""
                # HELP a_total What a is.
                # TYPE a_total counter
                a_total{x="1",y="2"} 3.0
                # HELP b What b is.
                # TYPE b gauge
                b -0.5
                # HELP c What c is.
                # TYPE c histogram
                c_bucket{le="0.5"} 1.0
                c_bucket{le="2.0"} 1.0
                c_bucket{le="+Inf"} 4.0
                c_count 4.0
                c_sum 9.25
                c_bucket{x="1",le="+Inf"} 1234567890123.0
                c_count{x="1"} 1234567890123.0
                c_sum{x="1"} 0.0
                # HELP d A "\\\\\\n".
                # TYPE d summary
                d_count{x="1"} 7.0
                d_sum{x="1"} 0.5
                """);
        assertThat(scraped.text(MetricFormat.OPEN_METRICS)).isEqualTo("""
                # HELP a What a is.
                # TYPE a counter
                a_total{x="1",y="2"} 3.0
                # HELP b What b is.
                # TYPE b gauge
                b -0.5
                # HELP c What c is.
                # TYPE c histogram
                c_bucket{le="0.5"} 1.0
                c_bucket{le="2.0"} 1.0
                c_bucket{le="+Inf"} 4.0
                c_count 4.0
                c_sum 9.25
                c_bucket{x="1",le="+Inf"} 1234567890123.0
                c_count{x="1"} 1234567890123.0
                c_sum{x="1"} 0.0
                # HELP d A \\"\\\\\\n\\".
                # TYPE d summary
                d_count{x="1"} 7.0
                d_sum{x="1"} 0.5
                # EOF
                """);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.0", "10, 10.0", "0.1, 0.1", "1e300, 1.0E300", "-7, -7.0", "NaN, NaN", "Infinity, +Inf"})
    void numbersAreWrittenAsTheyAreRead(double value, String written) {
        scraped.exposition.add(out -> {
            out.family("a", Type.GAUGE, "A.");
            out.labels().sample(value);
        });

        assertThat(scraped.lines()).contains("a " + written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", "\"", "\\", "\n", "a\"b\\c\nd", "č", "a\"č\"\\\nž", "😀\"", "\\n", "\r\t", "\u007f\""})
    void labelValuesAreEscaped(String value) {
        scraped.exposition.add(out -> {
            out.family("a", Type.GAUGE, "A.");
            out.labels().label("x", value).label("y", "z").sample(1);
        });

        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        assertThat(scraped.text()).endsWith("\na{x=\"" + escaped + "\",y=\"z\"} 1.0\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000, 21_845, 65_536, 200_000})
    void labelsOfAnyLengthAreWrittenWhole(int length) {
        String value = "č".repeat(length);
        scraped.exposition.add(out -> {
            out.family("a", Type.GAUGE, "A.");
            for (int i = 0; i < 3; i++) {
                out.labels().label("x", value).sample(i);
            }
        });

        assertThat(scraped.lines().subList(2, 5))
                .isEqualTo(List.of(
                        "a{x=\"" + value + "\"} 0.0", "a{x=\"" + value + "\"} 1.0", "a{x=\"" + value + "\"} 2.0"));
    }
}
