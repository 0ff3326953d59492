package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.FileResources;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.SourceFile;
import io.sallyport.reload.ServedVersion.First;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is kept is read as it was, or not at all.
class StateDirectoryTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path directory;

    private static List<ServedVersion> versions(String name, String text, long generation) {
        FileResources file =
                FileResources.of(new SourceFile(name, text.getBytes(StandardCharsets.UTF_8)), LoadOptions.DEFAULT);
        return file.items().stream()
                .map(item -> new ServedVersion(file, item, new First(generation, NOW, false)))
                .toList();
    }

    private StateDirectory state() {
        return new StateDirectory(directory, LoadOptions.DEFAULT);
    }

    private Path content() throws IOException {
        try (var all = Files.list(directory)) {
            return all.filter(path -> path.toString().endsWith(".yaml"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void whatIsWrittenIsRead() {
        state().write(
                        versions("/etc/a b.yaml", Yaml.httpGateway("*") + Yaml.service("up.internal", 9), 7),
                        Set.of("/etc/c d.yaml", "VirtualService default/a"));

        Map<String, ServedVersion> read = state().read().versions();

        assertThat(read).containsOnlyKeys("Gateway default/edge", "ServiceEntry default/up-internal");
        ServedVersion version = read.get("Gateway default/edge");
        assertThat(version.file().name()).isEqualTo("/etc/a b.yaml");
        assertThat(version.first()).isEqualTo(new First(7, NOW, true));
        assertThat(version.marked().name()).isEqualTo("/etc/a b.yaml (generation 7 before the restart)");
        assertThat(version.item().meta().at().line()).isEqualTo(1);
        assertThat(state().read().missed()).containsOnly("/etc/c d.yaml", "VirtualService default/a");
    }

    /// A pipe has no end, and whoever opens it waits for a writer.
    @Test
    @Timeout(10)
    void aPipeInPlaceOfTheListIsNotOpened() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", directory.resolve("served").toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThat(state().read().versions()).isEmpty();
    }

    @Test
    void ofAFileOnlyWhatWasServedIsRead() {
        state().write(
                        versions("a.yaml", Yaml.httpGateway("*") + Yaml.service("up.internal", 9), 7)
                                .subList(0, 1),
                        Set.of());

        assertThat(state().read().versions()).containsOnlyKeys("Gateway default/edge");
    }

    @Test
    void whatIsNotServedAnyMoreIsDeleted() throws IOException {
        StateDirectory state = state();
        state.write(versions("a.yaml", Yaml.httpGateway("*"), 1), Set.of());
        Path first = content();
        state.write(versions("a.yaml", Yaml.httpGateway("a.example"), 2), Set.of());

        assertThat(first).doesNotExist();
        assertThat(state().read().versions().get("Gateway default/edge").first().generation())
                .isEqualTo(2);
    }

    @Test
    void aFirstProcessHasNothingToHold() {
        assertThat(new StateDirectory(directory.resolve("none"), LoadOptions.DEFAULT)
                        .read()
                        .versions())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sallyport 2\nend\n",
                "sallyport 1\n",
                "sallyport 1\nx 1 2026-01-01T00:00:00Z a.yaml\n  Gateway default/edge\nend\n",
                "sallyport 1\n../../etc/passwd 1 2026-01-01T00:00:00Z a.yaml\n  Gateway default/edge\nend\n",
                "sallyport 1\nHASH one 2026-01-01T00:00:00Z a.yaml\n  Gateway default/edge\nend\n",
                "sallyport 1\nHASH 1 yesterday a.yaml\n  Gateway default/edge\nend\n",
                "sallyport 1\nHASH 1 2026-01-01T00:00:00Z b.yaml\n  Gateway default/edge\nend\n",
                "sallyport 1\nHASH\n  Gateway default/edge\nend\n",
                "sallyport 1\n  Gateway default/edge\nend\n",
            })
    void aListThatIsBrokenIsNotRead(String list) throws IOException {
        state().write(versions("a.yaml", Yaml.httpGateway("*"), 1), Set.of());
        String hash = content().getFileName().toString().replace(".yaml", "");
        Files.writeString(directory.resolve("served"), list.replace("HASH", hash));

        assertThat(state().read().versions()).isEmpty();
    }

    @Test
    void contentThatIsNotAsItWasWrittenIsNotRead() throws IOException {
        state().write(versions("a.yaml", Yaml.httpGateway("*"), 1), Set.of());
        Files.writeString(content(), Yaml.httpGateway("other.example"));

        assertThat(state().read().versions()).isEmpty();
    }

    @Test
    void onlyTheOwnerMayReadIt() throws IOException {
        state().write(versions("a.yaml", Yaml.httpGateway("*"), 1), Set.of());

        assertThat(Files.getPosixFilePermissions(content())).hasSize(2);
    }
}
