package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.problem.ProblemCode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProblemCodesTest {
    /// Problems of directories, files and limits, which other tests make.
    private static final Set<String> NOT_IN_A_FILE = Set.of(
            "SAL1001", "SAL1002", "SAL1003", "SAL1011", "SAL1012", "SAL1013", "SAL1014", "SAL1015", "SAL1016",
            "SAL1017", "SAL1029", "SAL1030", "SAL2107");

    @Test
    void everyCodeHasAFileThatProvokesIt() throws IOException, URISyntaxException {
        Set<String> codes = Stream.of(ProblemCode.values())
                .map(ProblemCode::id)
                .filter(id -> id.startsWith("SAL1") || id.startsWith("SAL2"))
                .collect(Collectors.toCollection(TreeSet::new));
        codes.removeAll(NOT_IN_A_FILE);

        codes.removeAll(expected());
        assertThat(codes).isEmpty();
    }

    private static Set<String> expected() throws IOException, URISyntaxException {
        Set<String> expected = new TreeSet<>();
        Path directory =
                Path.of(ProblemCodesTest.class.getResource("/config/invalid").toURI());
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Matcher code = Pattern.compile("# expect: \\w+ (SAL\\d+)").matcher(Files.readString(file));
                while (code.find()) {
                    expected.add(code.group(1));
                }
            }
        }
        return expected;
    }
}
