package io.sallyport.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cli.SallyportCommand;
import io.sallyport.documents.Document.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// What documents refer to exists. [DocumentCommandsIT] runs those commands that need neither a cluster nor a network.
class DocumentsTest {
    private static final int README_BYTES = 12 * 1024;
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern CLASS = Pattern.compile("`((?:[a-z]\\w*\\.)+[A-Z]\\w*)`");
    private static final Path SOURCES = Path.of("src/main/java/io/sallyport");
    private static final String LAUNCHER = "target/sallyport";

    static Stream<Document> documents() {
        return Document.all().stream();
    }

    static Stream<Block> commands() {
        return documents().flatMap(document -> document.blocks().stream()).filter(Block::isShell);
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.size(Path.of("README.md"))).isLessThanOrEqualTo(README_BYTES);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkLeadsSomewhere(Document document) {
        for (String line : document.lines()) {
            for (MatchResult link : LINK.matcher(line).results().toList()) {
                String target = link.group(1);
                if (!target.matches("[a-z]+:.*")) {
                    leadsSomewhere(document.path(), target);
                }
            }
        }
    }

    private static void leadsSomewhere(Path from, String target) {
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty()
                ? from
                : from.toAbsolutePath().resolveSibling(parts[0]).normalize();
        assertThat(file).as("link in %s to %s", from, target).exists();
        if (parts.length == 2) {
            assertThat(Document.read(file).anchors())
                    .as("link in %s to %s", from, target)
                    .contains(parts[1]);
        }
    }

    @Test
    void theDesignNamesClassesThatExist() {
        String design =
                String.join("\n", Document.read(Path.of("docs/design.md")).lines());
        List<String> named = CLASS.matcher(design)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
        assertThat(named).hasSizeGreaterThan(40).allSatisfy(name -> assertThat(
                        SOURCES.resolve(name.replace('.', '/') + ".java"))
                .exists());
    }

    /// For all blocks, also those that no test can run.
    @ParameterizedTest
    @MethodSource("commands")
    void commandsNameFilesTargetsAndOptionsThatExist(Block block) throws IOException {
        for (String line : block.text()) {
            String command = line.replaceFirst("(^|\\s)#.*", "").strip();
            for (String simple : command.split("&&|\\|\\|?|;")) {
                List<String> words = Arrays.stream(simple.strip().split("\\s+"))
                        .filter(word -> !word.matches("[A-Z_]+=\\S*") && !word.isEmpty())
                        .toList();
                if (!words.isEmpty()) {
                    check(block, words);
                }
            }
        }
    }

    private static void check(Block block, List<String> words) throws IOException {
        String program = words.getFirst();
        for (String word : words) {
            if (word.matches("(loadtest|config|k8s|src|docs)/[\\w./-]+") || word.startsWith("Dockerfile")) {
                assertThat(Path.of(word)).as("%s", block).exists();
            }
        }
        if (program.equals("make")) {
            assertThat(Files.readString(Path.of("Makefile")))
                    .as("%s", block)
                    .containsPattern("(?m)^" + words.get(1) + ":");
        } else if (program.startsWith("loadtest/")) {
            String script = Files.readString(Path.of(program));
            words.stream().filter(word -> word.contains("=")).forEach(word -> assertThat(script)
                    .as("%s", block)
                    .contains(word.substring(0, word.indexOf('=') + 1)));
        } else if (program.equals(LAUNCHER)) {
            checkOptions(block, words);
        }
    }

    private static void checkOptions(Block block, List<String> words) {
        CommandLine commands = new CommandLine(new SallyportCommand());
        CommandLine chosen = words.size() > 1 ? commands.getSubcommands().get(words.get(1)) : null;
        CommandLine.Model.CommandSpec spec = (chosen == null ? commands : chosen).getCommandSpec();
        words.stream()
                .filter(word -> word.matches("-[a-zA-Z]|--[a-z-]+"))
                .forEach(word -> assertThat(spec.optionsMap()).as("%s", block).containsKey(word));
        assertThat(chosen != null || words.size() == 1 || words.get(1).matches("-.*|.*/"))
                .as("%s: %s is a command, an option or a directory with a slash", block, words)
                .isTrue();
    }
}
