package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.ConfigurationCheck;
import io.sallyport.config.problem.Problem;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each file says in its first lines what is wrong with it: `# expect: error SAL1101 line 7 column 5 spec.field`.
class InvalidFilesTest {
    private static final String EXPECT = "# expect: ";

    static Stream<Path> files() throws IOException, URISyntaxException {
        try (Stream<Path> files = Files.list(directory())) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void hasExactlyTheProblemsItExpects(Path file) throws IOException {
        List<String> expected = Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(EXPECT))
                .map(line -> line.substring(EXPECT.length()))
                .toList();

        LoadResult result = load(file);

        assertThat(result.problems())
                .as("%s", result.problems())
                .extracting(InvalidFilesTest::describe)
                .containsExactlyElementsOf(expected);
        assertThat(expected).isNotEmpty();
    }

    @Test
    void aMisspeltFieldIsToldWithItsLikelySpelling() throws Exception {
        List<Problem> problems =
                load(directory().resolve("decode-unknown-fields.yaml")).problems();

        assertThat(problems.getFirst().toString())
                .endsWith("decode-unknown-fields.yaml:15:5: error SAL1101 spec.http[0].math: unknown field"
                        + " (did you mean \"match\"?)");
    }

    @Test
    void bothPlacesOfADuplicateAreNamed() throws Exception {
        List<Problem> problems =
                load(directory().resolve("shape-duplicate-resource.yaml")).problems();

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.at().line()).isEqualTo(12);
            assertThat(problem.message()).contains("ServiceEntry default/twice", "duplicate-resource.yaml:2:1");
        });
    }

    @Test
    void noProblemNamesAControlCharacterOrALongText() throws Exception {
        for (Path file : files().toList()) {
            for (Problem problem : load(file).problems()) {
                assertThat(problem.toString())
                        .doesNotContainPattern("\\p{Cntrl}")
                        .hasSizeLessThan(800);
            }
        }
    }

    @Test
    void everyFileCanBeAnalysedWhateverIsWrongWithIt() throws Exception {
        for (Path file : files().toList()) {
            LoadResult loaded = load(file);
            assertThat(ConfigurationCheck.check(loaded, AnalysisOptions.defaults()))
                    .hasSizeGreaterThanOrEqualTo(loaded.problems().size());
        }
    }

    private static LoadResult load(Path file) throws IOException {
        return ConfigurationLoader.load(
                List.of(new SourceFile(file.toString(), Files.readAllBytes(file))), LoadOptions.DEFAULT);
    }

    private static String describe(Problem problem) {
        String severity = problem.severity().name().toLowerCase(Locale.ROOT);
        String place = problem.field().isEmpty() ? "" : " " + problem.field();
        return "%s %s line %d column %d%s"
                .formatted(
                        severity,
                        problem.code().id(),
                        problem.at().line(),
                        problem.at().column(),
                        place);
    }

    private static Path directory() throws URISyntaxException {
        return Path.of(InvalidFilesTest.class.getResource("/config/invalid").toURI());
    }
}
