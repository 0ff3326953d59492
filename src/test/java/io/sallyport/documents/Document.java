package io.sallyport.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A Markdown file of the repository.
record Document(Path path, List<String> lines) {
    private static final String FENCE = "```";

    /// A fenced block.
    ///
    /// @param line of its first line of text, from 1
    /// @param info what follows the fence: the language, and for `sh` where it runs
    record Block(Path path, int line, String info, List<String> text) {
        boolean isShell() {
            return info.equals("sh") || info.startsWith("sh ");
        }

        @Override
        public String toString() {
            return path + ":" + line + " (" + info + ")";
        }
    }

    static Document read(Path path) {
        try {
            return new Document(path, Files.readAllLines(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All documents for readers.
    static List<Document> all() {
        return Stream.of(".", "docs", "config", "loadtest", "loadtest/results")
                .map(Path::of)
                .flatMap(Document::markdownIn)
                .map(Document::read)
                .toList();
    }

    private static Stream<Path> markdownIn(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files
                    .filter(file -> file.toString().endsWith(".md"))
                    .map(Path::normalize)
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Block> blocks() {
        var blocks = new ArrayList<Block>();
        String info = null;
        int first = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.startsWith(FENCE)) {
                continue;
            }
            if (info == null) {
                info = line.substring(FENCE.length()).strip();
                first = i + 1;
            } else {
                blocks.add(new Block(path, first + 1, info, lines.subList(first, i)));
                info = null;
            }
        }
        return blocks;
    }

    /// The names that links may end with, as GitHub makes them of headings.
    Set<String> anchors() {
        return lines.stream()
                .filter(line -> line.matches("#{1,6} .*"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
