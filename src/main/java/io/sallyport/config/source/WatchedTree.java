package io.sallyport.config.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
                // ..data and its target never change in place.
                if (!child.getFileName().toString().startsWith("..")) {
                    collect(child, depth + 1, found);
                }
            }
        } catch (IOException | SecurityException e) {
            // Not readable now: the fingerprint differs when it is.
            return;
        }
    }

    /// A number that differs when anything in the directories does. It is made of names, link targets, sizes, inodes
    /// and change times: the kernel sets a file's change time at every write, so contents need not be read.
    static long fingerprint(List<Path> roots) {
        long hash = 0;
        for (Path directory : directories(roots)) {
            hash = mix(hash, directory.toString().hashCode());
            try {
                for (Path child : ConfigurationDirectory.children(directory)) {
                    hash = mix(hash, child.toString().hashCode());
                    hash = mix(hash, fingerprint(child));
                }
            } catch (IOException | SecurityException e) {
                hash = mix(hash, -1);
            }
        }
        return hash;
    }

    private static long fingerprint(Path file) {
        try {
            long hash = attributes(file, LinkOption.NOFOLLOW_LINKS);
            if (Files.isSymbolicLink(file)) {
                hash = mix(hash, Files.readSymbolicLink(file).toString().hashCode());
                hash = Files.exists(file) ? mix(hash, attributes(file)) : hash;
            }
            return hash;
        } catch (IOException | SecurityException e) {
            return -1;
        }
    }

    private static long attributes(Path file, LinkOption... links) throws IOException {
        Map<String, Object> attributes;
        try {
            attributes = Files.readAttributes(file, "unix:ino,ctime,size", links);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            attributes = Files.readAttributes(file, "lastModifiedTime,size", links);
        }
        long hash = 0;
        // The map's order may differ between runs, but not within one.
        for (Object value : attributes.values()) {
            hash = mix(hash, value.hashCode());
        }
        return hash;
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }
}
