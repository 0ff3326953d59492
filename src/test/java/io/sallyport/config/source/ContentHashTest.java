package io.sallyport.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The number by which instances are compared: what it depends on, and what not.
class ContentHashTest {
    private static final String A = Yaml.httpGateway("*");
    private static final String B = Yaml.service("shop.internal", 9);
    private static final String C = Yaml.forwardAll("shop.example", "shop.internal");

    @TempDir
    Path root;

    private String hash(String directory, List<String> names, List<String> contents) throws IOException {
        Path files = Files.createDirectory(root.resolve(directory));
        for (int i = 0; i < names.size(); i++) {
            Path file = Files.writeString(files.resolve(names.get(i)), contents.get(i));
            Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000L * directory.length() + i)));
        }
        return ConfigurationLoader.load(files, LoadOptions.DEFAULT).contentHash();
    }

    @Test
    void itIsTheSameWhereverTheSameFilesAreAndWheneverTheyCame() throws IOException {
        String first = hash("pod", List.of("a.yaml", "b.yaml", "c.yaml"), List.of(A, B, C));

        assertThat(hash("another", List.of("c.yaml", "a.yaml", "b.yaml"), List.of(C, A, B)))
                .isEqualTo(first)
                .isNotEmpty();
    }

    @Test
    void itIsAnotherWithEveryOtherContentAndName() throws IOException {
        String first = hash("one", List.of("a.yaml", "b.yaml", "c.yaml"), List.of(A, B, C));

        assertThat(List.of(
                        hash("content", List.of("a.yaml", "b.yaml", "c.yaml"), List.of(A, B + "\n", C)),
                        hash("name", List.of("a.yaml", "b.yaml", "d.yaml"), List.of(A, B, C)),
                        hash("swapped", List.of("b.yaml", "a.yaml", "c.yaml"), List.of(A, B, C)),
                        hash("joined", List.of("a.yaml", "c.yaml"), List.of(A + B, C)),
                        hash("fewer", List.of("a.yaml", "b.yaml"), List.of(A, B))))
                .doesNotHaveDuplicates()
                .doesNotContain(first);
    }
}
