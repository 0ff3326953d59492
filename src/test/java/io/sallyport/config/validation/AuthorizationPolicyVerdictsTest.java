package io.sallyport.config.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.LoadResult;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.testing.ConfigurationText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `config/verdicts/authorization-policy.txt` has the cases of Istio's own tests of AuthorizationPolicies, with Istio's
/// verdicts: ours is the same unless the row says why it is stricter.
class AuthorizationPolicyVerdictsTest {
    private static final String FRAME = "frame ";

    /// @param stricter why ours refuses what Istio accepts; empty where the verdicts are the same
    private record Row(String verdict, String document, String stricter) {
        @Override
        public String toString() {
            return verdict + " " + document;
        }
    }

    static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        String frame = "";
        for (String line : text().lines().toList()) {
            if (line.startsWith(FRAME)) {
                frame = line.substring(FRAME.length());
            } else if (!line.isBlank() && !line.startsWith(";")) {
                String[] parts = line.split(" +", 2);
                String[] filling = parts[1].split(" # ", 2);
                rows.add(new Row(
                        parts[0], frame.replace("%s", filling[0].strip()), filling.length > 1 ? filling[1] : ""));
            }
        }
        return rows;
    }

    private static String text() throws IOException {
        try (InputStream in = AuthorizationPolicyVerdictsTest.class.getResourceAsStream(
                "/config/verdicts/authorization-policy.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isIstiosVerdict(Row row) {
        LoadResult loaded = ConfigurationText.load("{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, "
                + row.document().substring(1));

        assertThat(loaded.problems())
                .as("the document is YAML")
                .extracting(problem -> problem.code().id())
                .doesNotContain("SAL1004");
        boolean refused = row.verdict().equals("REFUSED") || !row.stricter().isEmpty();
        assertThat(loaded.hasErrors()).as("%s", loaded.problems()).isEqualTo(refused);
        if (row.verdict().equals("WARNED")) {
            assertThat(loaded.problems()).isNotEmpty().noneMatch(Problem::isError);
        }
    }
}
