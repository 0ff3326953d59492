package io.sallyport.config.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.problem.ProblemReport;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScalarTypesTest {
    /// What YAML 1.2's core schema says of plain scalars (chapter 10.3.2), and words that only begin like it.
    @ParameterizedTest
    @CsvSource({
        "null, NULL",
        "Null, NULL",
        "NULL, NULL",
        "~, NULL",
        "nULL, TEXT",
        "nil, TEXT",
        "nulls, TEXT",
        "name, TEXT",
        "true, BOOL",
        "True, BOOL",
        "TRUE, BOOL",
        "tRUE, TEXT",
        "truth, TEXT",
        "tree, TEXT",
        "yes, TEXT",
        "on, TEXT",
        "false, BOOL",
        "False, BOOL",
        "FALSE, BOOL",
        "fALSE, TEXT",
        "falsy, TEXT",
        "falsehood, TEXT",
        "fast, TEXT",
        "0, INTEGER",
        "-12, INTEGER",
        "+7, INTEGER",
        "0x1F, INTEGER",
        "0o17, INTEGER",
        "1.5, FLOAT",
        ".5, FLOAT",
        "-1e3, FLOAT",
        ".inf, FLOAT",
        "-.INF, FLOAT",
        ".nan, FLOAT",
        "1.2.3, TEXT",
        "10s, TEXT",
        "x1, TEXT",
        "é, TEXT"
    })
    void plainTextIsWhatItLooksLike(String written, YamlNode.ScalarType type) {
        ProblemReport report = new ProblemReport();
        byte[] file = ("key: " + written + "\n").getBytes(StandardCharsets.UTF_8);

        YamlNode value = new YamlReader(YamlLimits.DEFAULT)
                .read("a.yaml", file, report)
                .getFirst()
                .root()
                .get("key");

        assertThat(report.toList()).isEmpty();
        assertThat(value).isInstanceOfSatisfying(YamlNode.Scalar.class, scalar -> {
            assertThat(scalar.type()).isEqualTo(type);
            assertThat(scalar.text()).isEqualTo(written);
        });
    }
}
