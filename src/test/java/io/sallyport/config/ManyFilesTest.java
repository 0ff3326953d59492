package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.source.Changes;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A first reading goes through the files on all processors, and comes to the same as one file after the other.
class ManyFilesTest {
    private static final int FILES = 100;

    @TempDir
    Path directory;

    /// @param unknown fields in each file, each of them a problem
    private List<SourceFile> write(int unknown) throws IOException {
        List<SourceFile> files = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            StringBuilder text = new StringBuilder(Yaml.forwardAll("h" + i + ".example", "shop.internal"));
            for (int j = 0; j < unknown; j++) {
                text.append(
                        "apiVersion: networking.istio.io/v1\nkind: Gatewax\nmetadata: {name: g%d}\n---\n".formatted(j));
            }
            Path file = directory.resolve("%03d.yaml".formatted(i));
            Files.writeString(file, text);
            files.add(new SourceFile(file.toString(), Files.readAllBytes(file)));
        }
        return files;
    }

    private void assertSame(List<SourceFile> files) {
        LoadResult together = new ConfigurationLoader(directory, LoadOptions.DEFAULT).load(Changes.ANY);
        LoadResult inTurn = ConfigurationLoader.load(files, LoadOptions.DEFAULT);
        assertThat(together.problems()).isEqualTo(inTurn.problems());
        assertThat(together.configuration()).isEqualTo(inTurn.configuration());
    }

    @Test
    void resourcesAndProblemsAreInTheFilesOrder() throws IOException {
        List<SourceFile> files = write(3);
        assertSame(files);
        assertThat(ConfigurationLoader.load(files, LoadOptions.DEFAULT).problems())
                .hasSize(3 * FILES);
    }

    @Test
    void theBoundOnProblemsHoldsForAllFilesTogether() throws IOException {
        assertSame(write(30));
    }
}
