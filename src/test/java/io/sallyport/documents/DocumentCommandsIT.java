package io.sallyport.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sallyport.documents.Document.Block;
import io.sallyport.testing.BuiltProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Runs the commands of the documents on the built program, and compares what they print with what the documents say.
///
/// A block marked `sh` runs by itself and one marked `sh demo` beside the demo, on ports of the test's own. All other
/// marks (`build`, `cluster`, `docker`, `load`, `network`) name what the test lacks.
@Timeout(180)
class DocumentCommandsIT {
    private static final int LONGEST_SECONDS = 60;
    private static final Path LAUNCHER = Path.of("target", "sallyport");

    @TempDir
    Path temporary;

    @Test
    void commandsEndWell() throws Exception {
        assumeTrue(Files.isExecutable(LAUNCHER), "a native build has no launcher");
        List<Block> commands = Document.all().stream()
                .flatMap(document -> document.blocks().stream())
                .filter(block -> block.info().equals("sh"))
                .toList();
        assertThat(commands).isNotEmpty();
        for (Block block : commands) {
            run(block, String.join("\n", block.text()));
        }
    }

    @Test
    void theDemoAnswersAsTheReadmeSays() throws Exception {
        assumeTrue(Files.isExecutable(LAUNCHER), "a native build has no launcher");
        assumeTrue(new ProcessBuilder("curl", "--version").start().waitFor() == 0, "curl is not installed");
        List<Block> blocks = Document.read(Path.of("README.md")).blocks();
        int http = BuiltProgram.freePort();
        int https = BuiltProgram.freePort();
        try (BuiltProgram demo = BuiltProgram.startWith(
                List.of(LAUNCHER.toString(), "-Djava.io.tmpdir=" + temporary),
                Map.of(),
                "demo",
                "--http-port",
                Integer.toString(http),
                "--https-port",
                Integer.toString(https))) {
            demo.awaitLine(demo.out, "Try, in another terminal");
            int compared = 0;
            for (int i = 0; i < blocks.size(); i++) {
                if (!blocks.get(i).info().equals("sh demo")) {
                    continue;
                }
                String printed = run(
                                blocks.get(i),
                                String.join("\n", blocks.get(i).text())
                                        .replace(":8080", ":" + http)
                                        .replace(":8443", ":" + https)
                                        .replace(":15000", ":" + demo.adminPort)
                                        .replace("/tmp/", temporary + "/"))
                        .replace(":" + http, ":8080")
                        .replace(temporary + "/", "/tmp/");
                Block expected = blocks.get(i + 1);
                assertThat(expected.info()).as("what %s prints", blocks.get(i)).isEqualTo("text");
                List<String> lines = printed.lines().toList();
                assertThat(lines).as("%s", blocks.get(i)).hasSameSizeAs(expected.text());
                for (int j = 0; j < lines.size(); j++) {
                    assertThat(lines.get(j).strip())
                            .as("%s", expected)
                            .matches(pattern(expected.text().get(j)));
                }
                compared++;
            }
            assertThat(compared).isGreaterThanOrEqualTo(4);
        }
    }

    /// `…` stands for anything, and a number at the beginning for any number.
    private static Pattern pattern(String line) {
        String text = line.strip();
        String count = text.matches("\\d+ .*") ? "\\d+" : "";
        String rest = count.isEmpty() ? text : text.substring(text.indexOf(' '));
        return Pattern.compile(
                count + Arrays.stream(rest.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    private String run(Block block, String script) throws IOException, InterruptedException {
        Path output = temporary.resolve("output");
        var builder = new ProcessBuilder("sh", "-eu", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SALLYPORT_"));
        Process process = builder.start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        String printed = Files.readString(output);
        assertThat(ended).as("%s does not end, and printed%n%s", block, printed).isTrue();
        assertThat(process.exitValue()).as("%s printed%n%s", block, printed).isZero();
        return printed;
    }
}
