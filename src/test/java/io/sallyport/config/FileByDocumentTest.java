package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.FileResources.Item;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.yaml.DocumentText;
import io.sallyport.testing.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A file that is read document by document, with what is known of it from before, says what it says when it is read as
/// a whole.
class FileByDocumentTest {
    private static final String FILE = "routes.yaml";
    private static final int STEPS = 300;

    /// What a file may be made of, in any order: much of it is no YAML.
    private static final List<String> FRAGMENTS = List.of(
            "---\n",
            "--- # a mark\n",
            "---\t\n",
            "---\r\n",
            "--- {kind: x}\n",
            "---x\n",
            " ---\n",
            "...\n",
            "# a comment\n",
            "\n",
            "%YAML 1.2\n",
            "%TAG ! tag:example.com,2000:\n",
            "\uFEFF",
            "\r",
            "\u0085",
            "\u2028",
            "a: |\n  text\n  ---\n",
            "a: |+\n  text\n\n\n",
            "a: >-\n  text\n",
            "a: \"text\n",
            "b\"\n",
            "a: 'it\n",
            "[a,\n",
            "]\n",
            "a: &x {b: 1}\n",
            "c: *x\n",
            "key:\n",
            "a: 1\na: 2\n",
            "- element\n",
            "text\n",
            "\t",
            "\u0001",
            "? key\n",
            route("a.example", "x"),
            route("b.example", "y"),
            route("b.example", "y").replace("http:", "htpp:"),
            "apiVersion: v1\nkind: Secret\n",
            "apiVersion: networking.istio.io/v1\nkind: Unknown\nmetadata: {name: u}\nspec: {}\n",
            list("c.example", "d.example"));

    private final Random random = new Random(0);

    private static String route(String host, String body) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  http:
                  - directResponse: {status: 200, body: {string: %s}}
                """.formatted(host.replace('.', '-'), host, body);
    }

    private static String list(String... hosts) {
        StringBuilder text = new StringBuilder("apiVersion: v1\nkind: List\nitems:\n");
        for (String host : hosts) {
            String item = route(host, "z").indent(2);
            text.append("- ").append(item.substring(2));
        }
        return text.toString();
    }

    private static SourceFile file(String text) {
        return new SourceFile(FILE, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertLikeTheWhole(FileResources read, SourceFile file) {
        FileResources whole = FileResources.readWhole(file, LoadOptions.DEFAULT, new ProblemReport(), null);
        String text = new String(file.content(), StandardCharsets.UTF_8);
        assertThat(read.problems().toList()).as(text).isEqualTo(whole.problems().toList());
        assertThat(read.isLegible()).as(text).isEqualTo(whole.isLegible());
        assertThat(read.incomplete()).as(text).isEqualTo(whole.incomplete());
        assertThat(said(read)).as(text).isEqualTo(said(whole));
        for (Item item : read.items()) {
            Position at = item.meta().at();
            for (String field : List.of("metadata.name", "spec.http[0].directResponse.status", "spec.hosts[0]", "no")) {
                assertThat(read.position(at, field)).as(text).isEqualTo(whole.position(at, field));
            }
        }
        read.forgetDocuments();
    }

    private static List<?> said(FileResources file) {
        return file.items().stream()
                .map(item -> Collections.unmodifiableList(java.util.Arrays.asList(
                        item.meta(), item.resource(), item.path(), item.complete(), item.sound())))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyFileSaysTheSame(long seed) {
        random.setSeed(seed);
        for (int step = 0; step < STEPS; step++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(1, 8); i > 0; i--) {
                text.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
            }
            SourceFile file = file(text.toString());
            assertLikeTheWhole(FileResources.of(file, LoadOptions.DEFAULT), file);
        }
    }

    /// @param faults of a hundred documents
    @ParameterizedTest
    @CsvSource({"0, 120", "3, 400", "50, 700", "100, 1200"})
    void manyDocumentsSayTheSameWhereProcessorsShareThem(int faults, int count) {
        random.setSeed(faults);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String route = route("h" + i + ".example", "x");
            text.append("---\n").append(random.nextInt(100) < faults ? route.replace("http:", "htpp:") : route);
        }
        for (String end : List.of("", "---\n" + route("h7.example", "y"), "---\na: \"text\n", "---\na: 1\na: 2\n")) {
            SourceFile file = file(text + end);
            assertLikeTheWhole(FileResources.readAtOnce(file, LoadOptions.DEFAULT, new ProblemReport()), file);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anySequenceOfEditsComesToTheSame(long seed) {
        random.setSeed(seed);
        List<String> documents = new ArrayList<>();
        FileResources before = null;
        int kept = 0;
        for (int step = 0; step < STEPS; step++) {
            edit(documents, step);
            SourceFile file = file(String.join("---\n", documents));
            FileResources read = FileResources.read(file, LoadOptions.DEFAULT, new ProblemReport(), before);
            assertLikeTheWhole(read, file);
            kept += kept(read, before);
            before = read;
        }
        assertThat(kept).as("documents that were not decoded again").isGreaterThan(STEPS);
    }

    private void edit(List<String> documents, int step) {
        String fresh = FRAGMENTS.get(random.nextInt(FRAGMENTS.size()));
        String sound = route("h" + random.nextInt(6) + ".example", "s" + step);
        if (documents.size() < 3) {
            documents.add(sound);
            return;
        }
        int at = random.nextInt(documents.size());
        switch (random.nextInt(10)) {
            case 0 -> documents.remove(at);
            case 1 -> Collections.shuffle(documents, random);
            case 2 -> documents.set(at, "# moves what is below\n" + documents.get(at));
            case 3 -> documents.add(documents.get(at));
            case 4 -> documents.add(at, fresh);
            case 5, 6 -> documents.removeIf(text -> !text.contains("kind: VirtualService\n") || text.contains("htpp"));
            default -> documents.set(at, sound);
        }
    }

    private static int kept(FileResources read, FileResources before) {
        return before == null
                ? 0
                : (int) read.items().stream()
                        .filter(item -> before.items().stream().anyMatch(other -> other.resource() == item.resource()))
                        .count();
    }

    @Test
    void whatDoesNotChangeIsNotDecodedAgain() {
        String one = route("one.example", "x");
        String two = route("two.example", "x");
        FileResources before = FileResources.of(file(one + "---\n" + two), LoadOptions.DEFAULT);

        SourceFile next = file("# a comment\n---\n" + route("one.example", "changed") + "---\n" + two);
        FileResources after = FileResources.read(next, LoadOptions.DEFAULT, new ProblemReport(), before);

        assertThat(after.items().get(0).resource())
                .isNotSameAs(before.items().get(0).resource());
        assertThat(after.items().get(1).resource())
                .isSameAs(before.items().get(1).resource());
        assertThat(after.items().get(1).meta().at()).isEqualTo(new Position(FILE, 11, 1));
    }

    @Test
    void aFileIsDividedAtItsMarks() {
        byte[] file =
                (Yaml.httpGateway("*") + "a: |\n  ---\n---x: 1\n--- {b: 2}\n---").getBytes(StandardCharsets.UTF_8);
        List<DocumentText> texts = DocumentText.split(file);

        assertThat(texts).isNotNull();
        assertThat(texts.stream().map(text -> text.bytes(file)))
                .endsWith("---\na: |\n  ---\n---x: 1\n", "--- {b: 2}\n", "---");
        assertThat(texts.getLast().to()).isEqualTo(file.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%YAML 1.2\n---\na: 1\n", "a: 1\r---\rb: 2\r", "a: 1\n---\n\uFEFFb: 2\n"})
    void whereOnlyAParserFindsMarksTheFileStaysWhole(String text) {
        assertThat(DocumentText.split(text.getBytes(StandardCharsets.UTF_8))).isNull();
    }
}
