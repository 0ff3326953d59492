package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.Resource;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.source.Changes;
import io.sallyport.config.yaml.YamlLimits;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectFilesTest {
    private static final String NAME = "VirtualService default/vs-a-example";
    private static final YamlLimits LIMITS = new YamlLimits(1_000, 1_000, 10, 20);

    @TempDir
    Path directory;

    private final Map<String, byte[]> objects = new TreeMap<>();

    private ObjectFiles files(Path path, LoadOptions options) {
        return new ObjectFiles(
                new ConfigurationLoader(path, options), () -> Files.notExists(path), () -> objects, options);
    }

    private ObjectFiles files(Path path) {
        return files(path, LoadOptions.DEFAULT);
    }

    private void put(String name, String text) {
        objects.put(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String route(String host) {
        return Yaml.forwardAll(host, "shop").replace("---\n", "");
    }

    private static Iterable<ProblemCode> errors(LoadResult result) {
        return result.problems().stream()
                .filter(Problem::isError)
                .map(Problem::code)
                .toList();
    }

    private static Iterable<String> names(LoadResult result) {
        return result.configuration().virtualServices().stream()
                .map(Resource::meta)
                .map(meta -> meta.name())
                .toList();
    }

    @Test
    void anObjectsNamespaceIsKnownWhateverItHolds() {
        put("AuthorizationPolicy prod/who", "{");
        assertThat(files(directory.resolve("none")).load(Changes.ANY).files())
                .extracting(file -> file.source().namespace())
                .containsExactly("prod");
    }

    @Test
    void objectsAloneAreEnough() {
        put(NAME, route("a.example"));
        for (Path place : new Path[] {directory, directory.resolve("none")}) {
            LoadResult result = files(place).load(Changes.ANY);
            assertThat(errors(result)).isEmpty();
            assertThat(names(result)).containsExactly("vs-a-example");
            assertThat(result.files()).singleElement().matches(file -> file.name()
                    .equals(NAME));
        }
    }

    @Test
    void withoutObjectsAndFilesThereIsNothing() {
        assertThat(errors(files(directory).load(Changes.ANY))).containsExactly(ProblemCode.DIRECTORY_EMPTY);
    }

    @Test
    void aDirectoryThatCannotBeReadIsNotTakenForOneThatIsAbsent() throws IOException {
        put(NAME, route("a.example"));
        Path file = Files.writeString(directory.resolve("a.yaml"), route("b.example"));
        ObjectFiles loaded = files(file);

        assertThat(errors(loaded.load(Changes.ANY))).containsExactly(ProblemCode.DIRECTORY_UNREADABLE);
    }

    @Test
    void filesThatWereThereAreNotGivenUpWithTheirDirectory() throws IOException {
        put(NAME, route("a.example"));
        Path place = Files.createDirectory(directory.resolve("config"));
        Path file = Files.writeString(place.resolve("b.yaml"), route("b.example"));
        ObjectFiles loaded = files(place);
        assertThat(names(loaded.load(Changes.ANY))).containsExactlyInAnyOrder("vs-a-example", "vs-b-example");

        Files.delete(file);
        Files.delete(place);
        assertThat(errors(loaded.load(Changes.ANY))).containsExactly(ProblemCode.DIRECTORY_UNREADABLE);
    }

    @Test
    void whatIsInAFileAndAnObjectIsNamedAtTheObject() throws IOException {
        put(NAME, route("a.example"));
        Files.writeString(directory.resolve("a.yaml"), route("a.example"));

        assertThat(files(directory).load(Changes.ANY).problems())
                .singleElement()
                .matches(problem -> problem.code() == ProblemCode.DUPLICATE_RESOURCE)
                .matches(problem -> problem.at().file().equals(NAME));
    }

    @Test
    void anObjectThatIsTooLargeConcernsItselfAlone() {
        put(NAME, route("a.example") + "#" + "x".repeat(LIMITS.maxFileBytes()));
        put("VirtualService default/vs-b-example", route("b.example"));
        LoadResult result =
                files(directory, new LoadOptions("default", LIMITS, 1, 10_000)).load(Changes.ANY);

        assertThat(result.problems()).singleElement().matches(Problem::isError).matches(problem -> problem.at()
                .file()
                .equals(NAME));
        assertThat(names(result)).containsExactly("vs-b-example");
    }

    @Test
    void allTogetherAreBounded() {
        for (int i = 0; i < 10; i++) {
            put("VirtualService default/" + i, route(i + ".example"));
        }
        LoadResult result =
                files(directory, new LoadOptions("default", LIMITS, 1, 1_000)).load(Changes.ANY);

        assertThat(errors(result)).containsExactly(ProblemCode.DIRECTORY_TOO_LARGE);
        assertThat(result.files()).isEmpty();
    }

    @Test
    void anObjectThatDidNotChangeIsNotReadAgain() {
        put(NAME, route("a.example"));
        put("VirtualService default/vs-b-example", route("b.example"));
        ObjectFiles loaded = files(directory);
        LoadResult first = loaded.load(Changes.ANY);
        put("VirtualService default/vs-b-example", route("b.example").replace("shop", "cart"));
        LoadResult second = loaded.load(Changes.NO_FILES);

        assertThat(second.files().getFirst()).isSameAs(first.files().getFirst());
        assertThat(second.files().getLast()).isNotSameAs(first.files().getLast());
        assertThat(second.contentHash()).isNotEqualTo(first.contentHash());
    }
}
