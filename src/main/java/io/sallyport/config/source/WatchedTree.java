package io.sallyport.config.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The directories that are watched: a configuration directory, or secrets as `<namespace>/<credential>/`.
final class WatchedTree {
    private static final int MAX_DEPTH = 3;
    private static final int MAX_DIRECTORIES = 10_000;

    private WatchedTree() {}

    /// The roots and the directories below them, links followed; unreadable and missing ones are left out.
    static List<Path> directories(List<Path> roots) {
        List<Path> found = new ArrayList<>();
        roots.forEach(root -> collect(root, 0, found));
        return found;
    }

    private static void collect(Path directory, int depth, List<Path> found) {
        if (depth > MAX_DEPTH || found.size() >= MAX_DIRECTORIES || !Files.isDirectory(directory)) {
            return;
        }
        found.add(directory);
        try {
            for (Path child : ConfigurationDirectory.children(directory)) {
                // ..data and what it leads to never change in place.
                if (!child.getFileName().toString().startsWith("..")) {
                    collect(child, depth + 1, found);
                }
            }
        } catch (IOException | SecurityException e) {
            // Not readable now: the fingerprint differs when it is.
            return;
        }
    }
}
