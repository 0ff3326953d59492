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

/// A case of Istio's own validation tests, with Istio's verdict: ours is the same unless the row says why it is
/// stricter.
///
/// @param stricter why ours refuses what Istio accepts; empty where the verdicts are the same
record VerdictRow(String kind, String verdict, String document, String stricter) {
    private static final String FRAME = "frame ";

    /// @param file of `config/verdicts`
    static List<VerdictRow> read(String kind, String file) throws IOException {
        List<VerdictRow> rows = new ArrayList<>();
        String frame = "";
        for (String line : text(file).lines().toList()) {
            if (line.startsWith(FRAME)) {
                frame = line.substring(FRAME.length());
            } else if (!line.isBlank() && !line.startsWith(";")) {
                String[] parts = line.split(" +", 2);
                String[] filling = parts[1].split(" # ", 2);
                rows.add(new VerdictRow(
                        kind, parts[0], frame.replace("%s", filling[0].strip()), filling.length > 1 ? filling[1] : ""));
            }
        }
        return rows;
    }

    private static String text(String file) throws IOException {
        try (InputStream in = VerdictRow.class.getResourceAsStream("/config/verdicts/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    void check() {
        LoadResult loaded = ConfigurationText.load(
                "{apiVersion: security.istio.io/v1, kind: " + kind + ", " + document.substring(1));

        assertThat(loaded.problems())
                .as("the document is YAML")
                .extracting(problem -> problem.code().id())
                .doesNotContain("SAL1004");
        boolean refused = verdict.equals("REFUSED") || !stricter.isEmpty();
        assertThat(loaded.hasErrors()).as("%s", loaded.problems()).isEqualTo(refused);
        if (verdict.equals("WARNED")) {
            assertThat(loaded.problems()).isNotEmpty().noneMatch(Problem::isError);
        }
    }

    @Override
    public String toString() {
        return verdict + " " + document;
    }
}
