package io.sallyport.config.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.CanonicalPaths;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.SourceFile;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.testing.ExpectedProblems;
import io.sallyport.route.RequestPaths;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each file of `src/test/resources/analysis` is a case: a configuration, the process settings in `# set:` lines, and
/// every problem that is to be found in it as [ExpectedProblems].
class AnalysisCasesTest {
    private static final Pattern SETTING = Pattern.compile("(?m)^# set: ([a-z-]+) (.*)$");

    static Stream<String> cases() throws IOException, URISyntaxException {
        try (Stream<Path> files = Files.list(directory())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void reportsExactlyWhatTheFileExpects(String name) throws Exception {
        String text = Files.readString(directory().resolve(name));
        assertThat(ExpectedProblems.differences(text, check(name, text))).isEmpty();
    }

    @Test
    void everyKindOfProblemHasACase() throws Exception {
        TreeSet<String> expected = new TreeSet<>();
        for (String name : cases().toList()) {
            expected.addAll(ExpectedProblems.codes(Files.readString(directory().resolve(name))));
        }
        List<String> ids = Stream.of(ProblemCode.values())
                .map(ProblemCode::id)
                .filter(id -> id.startsWith("SAL3"))
                .toList();
        assertThat(expected).containsAll(ids);
    }

    private static List<Problem> check(String name, String text) {
        AnalysisOptions options = options(text);
        var loaded = ConfigurationLoader.load(
                List.of(new SourceFile(name, text.getBytes(StandardCharsets.UTF_8))),
                LoadOptions.DEFAULT.withDefaultNamespace(options.scope().namespace()));
        assertThat(loaded.hasErrors()).as("%s", loaded.problems()).isFalse();
        // Warnings about single resources are not what a case is about.
        return ConfigurationCheck.check(loaded, options).stream()
                .filter(problem -> problem.code().id().startsWith("SAL3"))
                .toList();
    }

    private static AnalysisOptions options(String text) {
        Map<String, String> settings = SETTING.matcher(text)
                .results()
                .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
        InstanceScope scope = new InstanceScope(
                settings.getOrDefault("namespace", InstanceScope.DEFAULT_NAMESPACE),
                InstanceScope.DEFAULT_ROOT_NAMESPACE,
                InstanceScope.DEFAULT_CLUSTER_DOMAIN,
                pairs(settings.get("labels")));
        Map<Integer, Integer> portMap = pairs(settings.get("port-map")).entrySet().stream()
                .collect(Collectors.toMap(e -> Integer.valueOf(e.getKey()), e -> Integer.valueOf(e.getValue())));
        Map<Integer, String> reserved = pairs(settings.get("reserved")).entrySet().stream()
                .collect(Collectors.toMap(e -> Integer.valueOf(e.getKey()), Map.Entry::getValue));
        return new AnalysisOptions(scope, portMap, reserved, secrets(settings.get("secrets")))
                .withPaths(
                        new CanonicalPaths(RequestPaths.DEFAULT.gateway()),
                        new CanonicalPaths(RequestPaths.DEFAULT.mesh()));
    }

    private static Map<String, String> pairs(String text) {
        return text == null
                ? Map.of()
                : Arrays.stream(text.split(","))
                        .map(pair -> pair.split("="))
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    private static SecretLookup secrets(String text) {
        if (text == null) {
            return SecretLookup.UNCHECKED;
        }
        List<String> names = List.of(text.split(","));
        return new SecretLookup() {
            @Override
            public boolean exists(String namespace, String credentialName) {
                return names.contains(credentialName) || names.contains(namespace + "/" + credentialName);
            }

            @Override
            public Collection<String> names() {
                return names;
            }
        };
    }

    private static Path directory() throws URISyntaxException {
        return Path.of(AnalysisCasesTest.class.getResource("/analysis").toURI());
    }
}
