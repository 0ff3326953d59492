package io.sallyport.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/// Whatever is in a file, reading it ends soon, throws nothing, and says what is wrong.
@Timeout(60)
class HostileFilesTest {
    private static final int MEBIBYTE = 1 << 20;

    @TestFactory
    Stream<DynamicTest> hugeFilesEndInAProblem() {
        return Stream.of(
                huge("17 MiB", () -> "a".repeat(17 * MEBIBYTE)),
                huge("a deep list", () -> "[".repeat(8 * MEBIBYTE)),
                huge("a deep mapping", () -> "{a: ".repeat(2 * MEBIBYTE)),
                huge("deep indentation", () -> IntStream.range(0, 2000)
                        .mapToObj(i -> " ".repeat(i) + "a:\n")
                        .reduce("", String::concat)),
                huge("one long text", () -> "\"" + "a".repeat(15 * MEBIBYTE) + "\""),
                huge("an open quote", () -> "a: \"" + "b\n".repeat(4 * MEBIBYTE)),
                huge("many broken documents", () -> "--- ]\n".repeat(2 * MEBIBYTE)),
                huge("many documents", () -> "--- a\n".repeat(MEBIBYTE)),
                huge("many keys", () -> resource(lines(300_000, "  k%d: 1\n"))),
                huge(
                        "many unknown fields of many servers",
                        () -> resource("  servers:\n" + lines(100_000, "  - s%d: 1\n"))),
                huge("many hosts", () -> resource("  hosts: [" + "a.example.com,".repeat(500_000) + "]\n")),
                huge("many equal keys", () -> resource("  a: b\n".repeat(500_000))),
                huge(
                        "many aliases of a long text",
                        () -> "a: &a " + "x".repeat(4 * MEBIBYTE) + "\n---\n"
                                + resource("  hosts: [&a " + "x".repeat(4 * MEBIBYTE) + ",*a".repeat(500_000) + "]\n")),
                huge("an alias bomb", HostileFilesTest::aliasBomb),
                huge(
                        "many merges",
                        () -> "a: &a {" + lines(20_000, "k%d: 1, ") + "}\nb:\n" + "- {<<: *a}\n".repeat(20_000)),
                huge("null bytes", () -> "\0".repeat(MEBIBYTE)),
                huge("many anchors", () -> lines(300_000, "- &a%d x\n")),
                huge("a long number", () -> resource("  servers: [{port: {number: " + "9".repeat(MEBIBYTE) + "}}]\n")),
                huge("a large exponent", () -> resource("  servers: [{port: {number: 1e999999999}}]\n")),
                huge("a long key", () -> resource("  " + "k".repeat(1000) + ": 1\n")),
                huge("a long line break", () -> "a" + "\r\n\t".repeat(MEBIBYTE) + ": b"));
    }

    private static DynamicTest huge(String name, Supplier<String> text) {
        return DynamicTest.dynamicTest(name, () -> {
            LoadResult result = load(text.get().getBytes(UTF_8));

            assertThat(result.hasErrors()).isTrue();
            assertThat(result.problems()).hasSizeLessThanOrEqualTo(ProblemReport.MAX_PROBLEMS + 1);
            assertThat(result.problems())
                    .allSatisfy(problem -> assertThat(problem.toString()).hasSizeLessThan(2000));
        });
    }

    @Test
    void aByteThatIsNotUtf8IsToldWithItsPlace() {
        byte[] content = "a: b\nc: \u00e4x".getBytes(UTF_8);
        content[9] = (byte) 0xFF;

        Problem problem = load(content).problems().getFirst();

        assertThat(problem.code()).isEqualTo(ProblemCode.NOT_UTF8);
        assertThat(problem.at()).hasToString("file:2:4");
    }

    @Test
    void aByteOrderMarkAndWindowsLineEndsAreNothingSpecial() {
        String text = "\uFEFF"
                + resource("  hosts: [a.example.com]\r\n")
                        .replace("\n", "\r\n")
                        .replace("\r\r", "\r")
                        .replace("Gateway", "ServiceEntry");

        assertThat(load(text.getBytes(UTF_8)).problems()).isEmpty();
    }

    @Test
    void aControlCharacterIsToldWithItsPlace() {
        Problem problem = load("a: b\nc: d\u0001".getBytes(UTF_8)).problems().getFirst();

        assertThat(problem.code()).isEqualTo(ProblemCode.BAD_YAML);
        assertThat(problem.at()).hasToString("file:2:5");
    }

    @Test
    void aBodyAboveOneMebibyteIsRefused() {
        String text = resource("  http: [{directResponse: {status: 200, body: {string: %s}}}]\n  hosts: [a]\n"
                        .formatted("x".repeat(MEBIBYTE + 1)))
                .replace("Gateway", "VirtualService");

        assertThat(codes(text.getBytes(UTF_8))).containsExactly(ProblemCode.BODY_TOO_LARGE);
    }

    @Test
    void problemsBeyondTheBoundAreCounted() {
        LoadResult result = load(resource(lines(5000, "  k%d: 1\n")).getBytes(UTF_8));

        assertThat(result.problems()).hasSize(ProblemReport.MAX_PROBLEMS + 1);
        assertThat(result.problems().getLast().code()).isEqualTo(ProblemCode.TOO_MANY_PROBLEMS);
    }

    @Test
    void noMutationOfAValidFileThrows() throws Exception {
        List<byte[]> seeds = validFiles();
        Random random = new Random(20260101);
        for (int i = 0; i < 6_000; i++) {
            byte[] mutant = mutate(seeds.get(random.nextInt(seeds.size())), random);
            assertThatCode(() -> load(mutant))
                    .as("%s", new String(mutant, UTF_8))
                    .doesNotThrowAnyException();
        }
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(bytes.length);
            String alphabet = "{}[]:,-&*!|>'\"%@`#?~ \n\t0123456789aex.";
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1, 2 -> bytes[at] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
                case 3 -> bytes = cut(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(40)));
                case 4 -> bytes = cut(bytes, at, bytes.length);
                default -> {
                    int to = Math.min(bytes.length, at + 1 + random.nextInt(200));
                    byte[] longer = new byte[bytes.length + to - at];
                    System.arraycopy(bytes, 0, longer, 0, to);
                    System.arraycopy(bytes, at, longer, to, bytes.length - at);
                    bytes = longer;
                }
            }
            if (bytes.length == 0) {
                return bytes;
            }
        }
        return bytes;
    }

    private static byte[] cut(byte[] bytes, int from, int to) {
        byte[] shorter = new byte[bytes.length - (to - from)];
        System.arraycopy(bytes, 0, shorter, 0, from);
        System.arraycopy(bytes, to, shorter, from, bytes.length - to);
        return shorter;
    }

    private static List<byte[]> validFiles() throws IOException, URISyntaxException {
        List<byte[]> files = new ArrayList<>();
        for (String directory : List.of("/config/golden", "/config/invalid", "/seed")) {
            try (Stream<Path> paths = Files.list(
                    Path.of(HostileFilesTest.class.getResource(directory).toURI()))) {
                for (Path path : paths.filter(path -> path.toString().endsWith(".yaml"))
                        .sorted()
                        .toList()) {
                    files.add(Files.readAllBytes(path));
                }
            }
        }
        return files;
    }

    private static String aliasBomb() {
        StringBuilder text = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 60; i++) {
            text.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
        }
        return text.toString();
    }

    private static String resource(String spec) {
        return "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nspec:\n" + spec;
    }

    private static String lines(int count, String format) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(format.replace("%d", Integer.toString(i)));
        }
        return text.toString();
    }

    private static List<ProblemCode> codes(byte[] content) {
        return load(content).problems().stream().map(Problem::code).toList();
    }

    private static LoadResult load(byte[] content) {
        return ConfigurationLoader.load(List.of(new SourceFile("file", content)), LoadOptions.DEFAULT);
    }
}
