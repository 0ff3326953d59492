package io.sallyport.config.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Holds `config/problem-codes.md` to the code. `-Dsallyport.write-reference=true` writes it anew.
class ProblemCodesReferenceTest {
    private static final Path REFERENCE = Path.of("config", "problem-codes.md");

    private static final String HEAD = """
            # Problem codes

            What `sallyport validate`, the start and a reload say about a configuration. A resource with an error is
            not served as it is; its last version is, or none. A warning is served, and its author should know. Codes are stable: a
            code never changes its meaning.

            """;

    @Test
    void theReferenceSaysWhatTheCodeSays() throws Exception {
        String reference = reference();
        if (Boolean.getBoolean("sallyport.write-reference")) {
            Files.writeString(REFERENCE, reference);
        }
        assertThat(REFERENCE).hasContent(reference);
    }

    @Test
    void codesAreUniqueAndInOrder() {
        assertThat(ProblemCode.values())
                .extracting(ProblemCode::id)
                .doesNotHaveDuplicates()
                .isSorted()
                .allMatch(id -> id.matches("SAL[1-4]\\d{3}"));
    }

    @Test
    void everyCodeSaysWhatItMeansAndHowToMendIt() {
        assertThat(ProblemCode.values()).allSatisfy(code -> {
            assertThat(code.title()).isNotBlank().doesNotEndWith(".");
            assertThat(code.doc()).endsWith(".");
        });
    }

    private static String reference() {
        StringBuilder text = new StringBuilder(HEAD);
        text.append("| code | severity | problem | meaning and remedy |\n|---|---|---|---|\n");
        for (ProblemCode code : ProblemCode.values()) {
            text.append("| ").append(code.id());
            text.append(" | ").append(code.severity().name().toLowerCase(java.util.Locale.ROOT));
            text.append(" | ").append(code.title());
            text.append(" | ").append(code.doc().replace("|", "\\|")).append(" |\n");
        }
        return text.toString();
    }
}
