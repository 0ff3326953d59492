package io.sallyport.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.YamlLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void readsYamlAndJsonByNameAndNothingElse() throws IOException {
        write("b.yaml", entry("b"));
        write("a.YML", entry("a"));
        write("c.json", """
                {
                \t"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": {"name": "c"},
                \t"spec": {"hosts": ["c.example.com"], "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}]}
                }
                """);
        write("notes.txt", "[");
        write(".hidden.yaml", "[");
        write("d.yaml~", "[");
        Files.createDirectory(directory.resolve("sub"));

        LoadResult result = load();

        assertThat(result.problems()).isEmpty();
        assertThat(result.configuration().serviceEntries())
                .extracting(entry -> entry.meta().name())
                .containsExactly("a", "b", "c");
        assertThat(result.configuration()
                        .serviceEntries()
                        .getFirst()
                        .meta()
                        .at()
                        .file())
                .isEqualTo(directory.resolve("a.YML").toString());
    }

    @Test
    void aMissingDirectoryIsAnError() {
        assertOnly(
                ConfigurationLoader.load(directory.resolve("none"), LoadOptions.DEFAULT),
                ProblemCode.DIRECTORY_UNREADABLE);
    }

    @Test
    void aFileInPlaceOfTheDirectoryIsAnError() throws IOException {
        write("a.yaml", entry("a"));

        assertOnly(
                ConfigurationLoader.load(directory.resolve("a.yaml"), LoadOptions.DEFAULT),
                ProblemCode.DIRECTORY_UNREADABLE);
    }

    @Test
    void aDirectoryWithoutFilesIsAnError() {
        assertOnly(load(), ProblemCode.DIRECTORY_EMPTY);
    }

    @Test
    void aConfigMapWithoutFilesIsAnError() {
        new ConfigMapVolume(directory).publish(Map.of());

        assertOnly(load(), ProblemCode.DIRECTORY_EMPTY);
    }

    @Test
    void anEmptyFileIsAnErrorAndTheOthersAreReadAllTheSame() throws IOException {
        write("a.yaml", "");
        write("b.yaml", entry("b"));

        LoadResult result = load();

        assertOnly(result, ProblemCode.EMPTY_FILE);
        assertThat(result.configuration().serviceEntries()).hasSize(1);
    }

    @Test
    void commentsAloneAreAWarningBesideAResourceAndAnErrorAlone() throws IOException {
        write("a.yaml", "# nothing yet\n---\n");
        assertThat(load().problems())
                .extracting(Problem::code)
                .containsExactlyInAnyOrder(ProblemCode.NO_DOCUMENT, ProblemCode.NO_RESOURCES);

        write("b.yaml", entry("b"));
        assertThat(load().hasErrors()).isFalse();
        assertThat(load().problems()).extracting(Problem::code).containsExactly(ProblemCode.NO_DOCUMENT);
    }

    @Test
    void aBrokenLinkIsAnErrorThatNamesTheFile() throws IOException {
        write("a.yaml", entry("a"));
        Files.createSymbolicLink(directory.resolve("b.yaml"), Path.of("nowhere"));

        LoadResult result = load();

        assertOnly(result, ProblemCode.FILE_UNREADABLE);
        assertThat(result.problems().getFirst().at().file()).endsWith("b.yaml");
    }

    @Test
    void fileAndDirectoryHaveTheirLimits() throws IOException {
        write("a.yaml", entry("a"));
        write("b.yaml", entry("b"));
        YamlLimits small = new YamlLimits(64, 1000, 64, 20);

        assertThat(codes(new LoadOptions("default", small, 10, 1 << 20))).containsExactly(ProblemCode.FILE_TOO_LARGE);
        assertThat(codes(new LoadOptions("default", YamlLimits.DEFAULT, 1, 1 << 20)))
                .containsExactly(ProblemCode.DIRECTORY_TOO_LARGE);
        assertThat(codes(new LoadOptions("default", YamlLimits.DEFAULT, 10, 200)))
                .containsExactly(ProblemCode.DIRECTORY_TOO_LARGE);
    }

    @Test
    void theHashIsOfNamesAndContents() throws IOException {
        write("a.yaml", entry("a"));
        String before = load().contentHash();
        assertThat(before).matches("[0-9a-f]{64}").isEqualTo(load().contentHash());

        write("a.yaml", entry("a") + "#");
        String edited = load().contentHash();
        Files.move(directory.resolve("a.yaml"), directory.resolve("b.yaml"));
        String renamed = load().contentHash();

        assertThat(Set.of(before, edited, renamed)).hasSize(3);
    }

    @Test
    void aConfigMapSwappedWhileItIsReadIsSeenAsOneWholeGeneration() throws Exception {
        ConfigMapVolume volume = new ConfigMapVolume(directory);
        volume.publish(generation(0));
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 1; !stop.get(); i++) {
                volume.publish(generation(i));
            }
        });
        int seen = 0;
        for (int i = 0; i < 300; i++) {
            LoadResult result = load();
            if (result.problems().stream().anyMatch(problem -> problem.code() == ProblemCode.DIRECTORY_UNSTABLE)) {
                // The writer was faster ten times in a row: said, not guessed.
                continue;
            }
            seen++;
            assertThat(result.problems()).isEmpty();
            assertThat(result.configuration().serviceEntries()).hasSize(3);
            assertThat(result.configuration().serviceEntries().stream()
                            .map(ServiceEntry::hosts)
                            .distinct())
                    .hasSize(1);
        }
        stop.set(true);
        writer.join();
        assertThat(seen).isGreaterThan(30);
    }

    @Test
    void aFileThatIsStillBeingWrittenIsNotSettled() throws IOException {
        write("a.yaml", entry("a"));
        ConfigurationLoader loader = new ConfigurationLoader(directory, LoadOptions.DEFAULT);
        loader.load(Changes.ANY);
        Path file = directory.resolve("b.yaml");
        write("b.yaml", entry("b"));

        LoadResult half = loader.load(Changes.of(Set.of(file)));
        assertThat(half.configuration().serviceEntries()).hasSize(2);
        assertThat(loader.isSettled()).isTrue();
        write("b.yaml", entry("b") + "---\n" + entry("c"));
        assertThat(loader.isSettled()).isFalse();

        LoadResult whole = loader.load(Changes.of(Set.of(file)));
        assertThat(whole.configuration().serviceEntries()).hasSize(3);
        assertThat(loader.isSettled()).isTrue();
        Files.delete(file);
        assertThat(loader.isSettled()).isFalse();
    }

    @Test
    void afterAFileThatCannotBeReadEverythingIsLookedAt() throws IOException {
        write("a.yaml", entry("a"));
        Path link = Files.createSymbolicLink(directory.resolve("b.yaml"), Path.of("nowhere"));
        ConfigurationLoader loader = new ConfigurationLoader(directory, LoadOptions.DEFAULT);
        assertOnly(loader.load(Changes.ANY), ProblemCode.FILE_UNREADABLE);
        assertOnly(loader.load(Changes.NO_FILES), ProblemCode.FILE_UNREADABLE);

        Files.delete(link);
        assertThat(loader.load(Changes.NO_FILES).problems()).isEmpty();
    }

    /// Such as what a mount of a key makes that the ConfigMap does not have.
    @ParameterizedTest
    @CsvSource({
        "directory, false, SAL1030, 'it is a directory or a device, which is not read'",
        "directory, true, SAL1001, 'the file cannot be read: it is a directory or a device now'",
        "pipe, false, SAL1030, 'it is a directory or a device, which is not read'",
        "pipe, true, SAL1001, 'the file cannot be read: it is a directory or a device now'",
        "nowhere, false, SAL1001, 'the file cannot be read: it is a link to nothing'",
        "nowhere, true, SAL1001, 'the file cannot be read: it is a link to nothing'",
        "b.yaml, true, SAL1001, 'the file cannot be read: Too many levels of symbolic links or unable to access"
                + " attributes of symbolic link'",
    })
    void whatIsNoFileIsAFaultWhereAFileHasBeen(String kind, boolean wasFile, String code, String message)
            throws Exception {
        write("a.yaml", entry("a"));
        ConfigurationLoader loader = new ConfigurationLoader(directory, LoadOptions.DEFAULT);
        Path other = directory.resolve("b.yaml");
        if (wasFile) {
            write("b.yaml", entry("b"));
            assertThat(loader.load(Changes.ANY).problems()).isEmpty();
            Files.delete(other);
        }
        switch (kind) {
            case "directory" -> Files.createDirectory(other);
            case "pipe" ->
                assertThat(new ProcessBuilder("mkfifo", other.toString())
                                .start()
                                .waitFor())
                        .isZero();
            default -> Files.createSymbolicLink(other, Path.of(kind));
        }
        for (Changes changes : List.of(Changes.of(Set.of(other)), Changes.ANY, Changes.NO_FILES)) {
            LoadResult result = loader.load(changes);
            assertThat(result.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.code().id()).isEqualTo(code);
                assertThat(problem.message()).isEqualTo(message);
            });
            assertThat(result.configuration().serviceEntries()).hasSize(1);
            assertThat(loader.isSettled()).isTrue();
        }
        Files.delete(other);
        assertThat(loader.load(Changes.of(Set.of(other))).problems()).isEmpty();
    }

    @Test
    void whereNothingButADirectoryIsThereNothingIsServed() throws IOException {
        Files.createDirectory(directory.resolve("a.yaml"));

        assertThat(load().problems()).extracting(Problem::code).contains(ProblemCode.DIRECTORY_EMPTY);
    }

    /// As where a link leads to a release of all files, and is replaced by one to the next.
    @Test
    void filesOfTwoReleasesAreNeverMixed() throws Exception {
        Path releases = Files.createDirectory(directory.resolve("releases"));
        Path current = directory.resolve("current");
        for (String release : List.of("one", "two")) {
            Path files = Files.createDirectory(releases.resolve(release));
            for (int i = 0; i < 100; i++) {
                Files.writeString(files.resolve("f" + i + ".yaml"), entry("f" + i, release + i));
            }
        }
        Path extra = releases.resolve("one").resolve("extra.yaml");
        Files.writeString(extra, entry("extra", "one"));
        AtomicInteger seen = new AtomicInteger();
        ConfigurationLoader loader = new ConfigurationLoader(current, LoadOptions.DEFAULT);
        amid(
                number -> {
                    Path link = Files.createSymbolicLink(
                            directory.resolve("next"), releases.resolve(number % 8 < 4 ? "one" : "two"));
                    Files.move(link, current, StandardCopyOption.ATOMIC_MOVE);
                    Files.writeString(directory.resolve("edited"), entry("extra", "one" + number));
                    Files.move(directory.resolve("edited"), extra, StandardCopyOption.ATOMIC_MOVE);
                },
                300,
                _ -> {
                    LoadResult result = loader.load(Changes.ANY);
                    if (!result.hasErrors()) {
                        seen.incrementAndGet();
                        assertThat(result.configuration().serviceEntries().stream()
                                        .map(entry -> entry.hosts().getFirst().substring(0, 3))
                                        .distinct())
                                .hasSize(1);
                    }
                });
        assertThat(seen).hasValueGreaterThan(10);
    }

    /// Many files, so that there is no reading of all between two changes of the one.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatChangesAllTheTimeKeepsNoOtherWaiting(boolean anything) throws Exception {
        for (int i = 0; i < 500; i++) {
            write("f" + i + ".yaml", entry("f" + i));
        }
        ConfigurationLoader loader = new ConfigurationLoader(directory, LoadOptions.DEFAULT);
        loader.load(Changes.ANY);
        Path restless = directory.resolve("f0.yaml");
        amid(
                number -> {
                    write("next", entry("f0", "g" + number));
                    Files.move(directory.resolve("next"), restless, StandardCopyOption.ATOMIC_MOVE);
                },
                20,
                number -> {
                    write("f1.yaml", entry("f1", "h" + number));
                    LoadResult result = loader.load(
                            anything ? Changes.ANY : Changes.of(Set.of(restless, directory.resolve("f1.yaml"))));

                    assertThat(result.problems()).isEmpty();
                    assertThat(result.configuration().serviceEntries())
                            .hasSize(500)
                            .extracting(entry -> entry.hosts().getFirst())
                            .contains("h" + number + ".example.com");
                });
    }

    private interface Step {
        void take(int number) throws IOException;
    }

    /// Takes these steps while another thread edits, a millisecond apart.
    private static void amid(Step edit, int times, Step step) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; !stop.get(); i++) {
                try {
                    edit.take(i);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                begun.countDown();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        });
        begun.await();
        try {
            for (int i = 0; i < times; i++) {
                step.take(i);
            }
        } finally {
            stop.set(true);
            writer.join();
        }
    }

    @Test
    void onlyTheGenerationOfAConfigMapIsRead() throws IOException {
        new ConfigMapVolume(directory).publish(Map.of("a.yaml", entry("a")));
        write("stray.yaml", "[");

        assertThat(load().problems()).isEmpty();
    }

    private static Map<String, String> generation(int number) {
        return Map.of(
                "a.yaml", entry("a", "g" + number),
                "b.yaml", entry("b", "g" + number),
                "c.yaml", entry("c", "g" + number));
    }

    private static String entry(String name) {
        return entry(name, name);
    }

    private static String entry(String name, String host) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata:
                  name: %s
                spec:
                  hosts: [%s.example.com]
                  ports: [{number: 80, name: http, protocol: HTTP}]
                """.formatted(name, host);
    }

    private LoadResult load() {
        return ConfigurationLoader.load(directory, LoadOptions.DEFAULT);
    }

    private Set<ProblemCode> codes(LoadOptions options) {
        return Set.copyOf(ConfigurationLoader.load(directory, options).problems().stream()
                .map(Problem::code)
                .toList());
    }

    private static void assertOnly(LoadResult result, ProblemCode code) {
        assertThat(result.problems()).singleElement().satisfies(problem -> assertThat(problem.code())
                .isEqualTo(code));
        assertThat(result.hasErrors()).isTrue();
    }

    private void write(String name, String content) throws IOException {
        Files.write(directory.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    }
}
