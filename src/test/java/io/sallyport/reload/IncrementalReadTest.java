package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.CompileOptions;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.source.Changes;
import io.sallyport.config.source.ConfigurationFiles;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.reload.ConfigurationSource.Read;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is remembered of the files from one reading to the next makes no difference but in time.
class IncrementalReadTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
    private static final ExplainedRequest.Client CLIENT = new ExplainedRequest.Client(null, null, "127.0.0.1");
    private static final int STEPS = 120;

    @TempDir
    Path directory;

    @TempDir
    Path elsewhere;

    private ConfigurationSource source;

    @BeforeEach
    void gateway() throws IOException {
        write("gateway.yaml", Yaml.httpGateway("*"));
        write("service.yaml", Yaml.service("shop.internal", 9));
        write("route.yaml", route("shop.example", "v1"));
        write("rule.yaml", rule("v1"));
        source = source();
    }

    private ConfigurationSource source() {
        return new ConfigurationSource(
                directory,
                LoadOptions.DEFAULT,
                new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED),
                CompileOptions.defaults(),
                CLOCK);
    }

    /// While the change of one file is compiled, another one changes, and then the one again: what comes later
    /// is not served before what came earlier.
    @Test
    void whatChangedFirstIsNotServedLast() throws IOException {
        write("late.yaml", route("late.example", "v1"));
        ConfigurationLoader files = new ConfigurationLoader(directory, LoadOptions.DEFAULT);
        AtomicInteger loads = new AtomicInteger();
        ConfigurationFiles changing = new ConfigurationFiles() {
            @Override
            public LoadResult load(Changes changes) {
                LoadResult loaded = files.load(changes);
                if (loads.incrementAndGet() == 2) {
                    replace("route.yaml", route("earlier.example", "v1"));
                    replace("late.yaml", route("later.example", "v1"));
                }
                return loaded;
            }

            @Override
            public boolean isSettled() {
                return files.isSettled();
            }
        };
        source = new ConfigurationSource(
                changing,
                new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED),
                CompileOptions.defaults(),
                CLOCK);
        source.read();

        Read read = source.read(Changes.of(Set.of(directory.resolve("late.yaml"))));

        assertThat(read.configuration().virtualServices())
                .flatExtracting(VirtualService::hosts)
                .containsExactlyInAnyOrder("earlier.example", "later.example");
        assertThat(loads.get()).isEqualTo(3);
    }

    /// Of a Gateway, or of one of its ports, that is gone.
    @Test
    void clustersThatNoRouteLeadsToAnyMoreAreGone() throws IOException {
        write("side.yaml", side(8080));
        write("side-service.yaml", Yaml.service("side.internal", 9));
        write(
                "side-route.yaml",
                Yaml.forwardAll("side.example", "side.internal").replace("[edge]", "[side]"));
        assertThat(source.read().plan().clusters()).containsKey("outbound|80||side.internal");

        Read moved = read(rename("side.yaml", side(9090)));
        assertThat(moved.plan().clusters()).containsKey("outbound|80||side.internal");

        Files.delete(directory.resolve("side.yaml"));
        Files.delete(directory.resolve("side-route.yaml"));
        Read gone = read(directory.resolve("side.yaml"), directory.resolve("side-route.yaml"));
        assertThat(gone.plan().clusters()).isEqualTo(source().read().plan().clusters());
        assertThat(gone.plan().clusters()).doesNotContainKey("outbound|80||side.internal");
    }

    private static String side(int port) {
        return Yaml.httpGateway("*")
                .replace("name: edge", "name: side")
                .replace("number: 80,", "number: " + port + ",");
    }

    private void replace(String file, String text) {
        try {
            Path next = Files.writeString(elsewhere.resolve("next"), text);
            Files.move(next, directory.resolve(file), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String route(String host, String subset) {
        return Yaml.virtualService(
                host, "- route: [{destination: {host: shop.internal, subset: %s}}]".formatted(subset));
    }

    private static String rule(String subset) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: shop}
                spec:
                  host: shop.internal
                  subsets: [{name: %s, labels: {}}]
                """.formatted(subset);
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private Path rename(String name, String content) throws IOException {
        Path other = Files.writeString(elsewhere.resolve("file"), content);
        return Files.move(
                other, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.ATOMIC_MOVE);
    }

    private Read read(Path... changed) {
        return source.read(Changes.of(Set.of(changed)));
    }

    /// As if nothing had been read before.
    private void assertLikeTheFirstReading(Read read) {
        Read first = source().read();
        assertThat(read.problems()).isEqualTo(first.problems());
        assertThat(read.contentHash()).isEqualTo(first.contentHash());
        assertThat(read.configuration()).isEqualTo(first.configuration());
        assertThat(read.plan().clusters()).isEqualTo(first.plan().clusters());
        assertThat(read.plan().policies()).isEqualTo(first.plan().policies());
        if (!first.hasErrors()) {
            for (String url :
                    List.of("http://shop.example/", "http://a.example/x", "http://b.example/", "http://c.example/")) {
                assertThat(explained(read, url)).isEqualTo(explained(first, url));
            }
        }
    }

    private static String explained(Read read, String url) {
        ExplainedRequest request = Explainer.request(url, "GET", List.of(), null, null, null, CLIENT);
        return new Explainer(read.plan(), ProxySettings.DEFAULT)
                .explain(request)
                .json();
    }

    @Test
    void aChangedRuleConcernsRoutesThatDidNotChange() throws IOException {
        assertThat(source.read().hasErrors()).isFalse();

        Read without = read(rename("rule.yaml", rule("v2")));
        assertThat(without.problems()).anySatisfy(problem -> {
            assertThat(problem.at().file()).endsWith("route.yaml");
            assertThat(problem.message()).contains("subset");
        });
        assertLikeTheFirstReading(without);

        Read with = read(rename("rule.yaml", rule("v1")));
        assertThat(with.hasErrors()).isFalse();
        assertLikeTheFirstReading(with);
    }

    @Test
    void aDeletedFileIsGone() throws IOException {
        source.read();
        Files.delete(directory.resolve("route.yaml"));

        Read read = read(directory.resolve("route.yaml"));
        assertThat(read.configuration().virtualServices()).isEmpty();
        assertLikeTheFirstReading(read);
    }

    @Test
    void aFileOfAnotherNameHasOtherPositions() throws IOException {
        write("rule.yaml", rule("v2"));
        Read before = source.read();
        Files.move(directory.resolve("route.yaml"), directory.resolve("moved.yaml"));

        Read after = read(directory.resolve("route.yaml"), directory.resolve("moved.yaml"));
        assertThat(after.contentHash()).isNotEqualTo(before.contentHash());
        assertThat(after.problems())
                .filteredOn(problem -> problem.message().contains("subset"))
                .allSatisfy(problem -> assertThat(problem.at().file()).endsWith("moved.yaml"));
        assertLikeTheFirstReading(after);
    }

    @Test
    void twoFilesSwapTheirContents() throws IOException {
        source.read();
        String route = Files.readString(directory.resolve("route.yaml"));
        String rule = Files.readString(directory.resolve("rule.yaml"));
        Path a = rename("route.yaml", rule);
        Path b = rename("rule.yaml", route);

        assertLikeTheFirstReading(read(a, b));
    }

    @Test
    void sizeAndTimeOfAFileMayBeWhatTheyWere() throws IOException {
        source.read();
        Path file = directory.resolve("route.yaml");
        FileTime time = Files.getLastModifiedTime(file);
        for (String host : List.of("shop.exampla", "shop.examplb", "shop.examplc")) {
            write("route.yaml", route(host, "v1"));
            Files.setLastModifiedTime(file, time);

            // Nobody tells of this file, but that something may have changed.
            Read read = source.read();
            assertThat(read.configuration().virtualServices().getFirst().hosts())
                    .containsExactly(host);
            assertLikeTheFirstReading(read);
        }
    }

    @Test
    void positionsMoveWithTheirLines() throws IOException {
        write("rule.yaml", rule("v2"));
        int line = lineOfProblem(source.read());

        assertThat(lineOfProblem(read(rename("other.yaml", Yaml.service("b.internal", 9)))))
                .isEqualTo(line);
        Read moved = read(rename("route.yaml", "# one\n# two\n" + route("shop.example", "v1")));
        assertThat(lineOfProblem(moved)).isEqualTo(line + 2);
        assertLikeTheFirstReading(moved);
    }

    private static int lineOfProblem(Read read) {
        return read.problems().stream()
                .filter(problem -> problem.message().contains("subset"))
                .findFirst()
                .orElseThrow()
                .at()
                .line();
    }

    @Test
    void whatWasSaidOfAFileIsSaidAgain() throws IOException {
        write("skipped.yaml", "apiVersion: v1\nkind: Secret\n");
        List<?> before = source.read().problems();

        assertThat(before).isNotEmpty();
        assertThat(read(rename("other.yaml", Yaml.service("b.internal", 9))).problems())
                .isEqualTo(before);
    }

    @Test
    void tooManyProblemsOfAllFilesTogetherAreCounted() throws IOException {
        for (int file = 0; file < 3; file++) {
            StringBuilder text = new StringBuilder(Yaml.service("s" + file + ".internal", 9));
            for (int i = 0; i < 600; i++) {
                text.append("---\napiVersion: v1\nkind: K").append(i).append('\n');
            }
            write("many" + file + ".yaml", text.toString());
        }
        source.read();

        Read read = read(rename("many1.yaml", Yaml.service("s1.internal", 9)));
        assertLikeTheFirstReading(read);
        assertThat(read.problems())
                .anySatisfy(problem -> assertThat(problem.message()).contains("further problems are not listed"));
        assertLikeTheFirstReading(source.read());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anySequenceOfChangesComesToTheSame(long seed) throws IOException {
        Random random = new Random(seed);
        source.read();
        Set<Path> changed = new HashSet<>();
        int served = 0;
        for (int step = 0; step < STEPS; step++) {
            changed.addAll(change(random));
            if (random.nextInt(4) == 0) {
                // Several changes come at once.
                continue;
            }
            Read read = random.nextInt(6) == 0 ? source.read() : source.read(Changes.of(changed));
            changed.clear();
            served += read.hasErrors() ? 0 : 1;
            assertLikeTheFirstReading(read);
        }
        assertThat(served).as("generations without errors").isBetween(STEPS / 10, STEPS);
    }

    private Set<Path> change(Random random) throws IOException {
        String name = "abcd".charAt(random.nextInt(4)) + ".yaml";
        Path file = directory.resolve(name);
        switch (random.nextInt(8)) {
            case 0 -> Files.deleteIfExists(file);
            case 1 -> {
                Path other = directory.resolve("abcd".charAt(random.nextInt(4)) + ".yaml");
                if (Files.exists(file)) {
                    Files.move(file, other, StandardCopyOption.ATOMIC_MOVE);
                }
                return Set.copyOf(new HashSet<>(List.of(file, other)));
            }
            case 2 -> {
                FileTime time = Files.exists(file) ? Files.getLastModifiedTime(file) : FileTime.fromMillis(0);
                Files.writeString(file, content(random));
                Files.setLastModifiedTime(file, time);
            }
            case 3 -> {
                return Set.of(rename("rule.yaml", rule(random.nextInt(3) == 0 ? "v2" : "v1")));
            }
            case 4 -> Files.writeString(file, content(random));
            default -> rename(name, content(random));
        }
        return Set.of(file);
    }

    private static String content(Random random) {
        String host = "abc".charAt(random.nextInt(3)) + ".example";
        return switch (random.nextInt(10)) {
            case 0 -> "apiVersion: [\n";
            case 1 -> "# a comment\n" + route(host, "v1");
            case 2 -> route(host, "v2");
            case 3 -> route(host, "v1").replace("http:", "htpp:");
            case 4 -> route(host, "v1") + "---\n" + Yaml.service(host + ".internal", random.nextInt(1, 9));
            case 5 -> Yaml.forwardAll(host, "nowhere.internal");
            case 6 -> "apiVersion: v1\nkind: ConfigMap\n---\n" + route(host, "v1");
            default -> route(host, "v1").replace("name: vs-", "name: n" + random.nextInt(4) + "-");
        };
    }
}
