package io.sallyport.config.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One look at the directories that are watched: a configuration directory, or secrets as `<namespace>/<credential>/`.
///
/// @param directories the roots and the directories below them, links followed; unreadable and missing ones are left
///     out
/// @param fingerprint a number that differs when anything in the directories does. It is made of names, link
///     targets, sizes, inodes and change times: the kernel sets a file's change time at every write, so contents
///     need not be read.
record WatchedTree(List<Path> directories, long fingerprint) {
    private static final int MAX_DEPTH = 3;
    private static final int MAX_DIRECTORIES = 10_000;

    static WatchedTree of(List<Path> roots) {
        Look look = new Look();
        for (Path root : roots) {
            if (Files.isDirectory(root)) {
                look.at(root, 0);
            }
        }
        return new WatchedTree(look.directories, look.hash);
    }

    /// Asks once about each file: a directory may have thousands, and is looked at every second.
    private static final class Look {
        private final List<Path> directories = new ArrayList<>();
        private long hash;

        private void at(Path directory, int depth) {
            if (depth > MAX_DEPTH || directories.size() >= MAX_DIRECTORIES) {
                return;
            }
            directories.add(directory);
            mix(directory.hashCode());
            List<Path> below = new ArrayList<>();
            try {
                for (Path child : ConfigurationDirectory.children(directory)) {
                    mix(child.hashCode());
                    // ..data and its target never change in place.
                    if (isDirectory(child) && !child.getFileName().toString().startsWith("..")) {
                        below.add(child);
                    }
                }
            } catch (IOException | SecurityException e) {
                // Not readable now: the fingerprint differs when it is.
                mix(-1);
            }
            below.forEach(child -> at(child, depth + 1));
        }

        /// Adds what the file system says of it.
        private boolean isDirectory(Path child) {
            try {
                Attributes itself = Attributes.of(child, LinkOption.NOFOLLOW_LINKS);
                mix(itself.hash);
                if (!itself.isLink) {
                    return itself.isDirectory;
                }
                mix(Files.readSymbolicLink(child).toString().hashCode());
                if (!Files.exists(child)) {
                    return false;
                }
                Attributes target = Attributes.of(child);
                mix(target.hash);
                return target.isDirectory;
            } catch (IOException | SecurityException e) {
                mix(-1);
                return false;
            }
        }

        private void mix(long value) {
            hash = WatchedTree.mix(hash, value);
        }
    }

    private record Attributes(boolean isDirectory, boolean isLink, long hash) {
        static Attributes of(Path file, LinkOption... links) throws IOException {
            try {
                Map<String, Object> read = Files.readAttributes(file, "unix:mode,ino,ctime,size", links);
                long hash = 0;
                // The map's order may differ between runs, but not within one.
                for (Object value : read.values()) {
                    hash = WatchedTree.mix(hash, value.hashCode());
                }
                int type = read.get("mode") instanceof Integer mode ? mode & TYPE : 0;
                return new Attributes(type == DIRECTORY, type == LINK, hash);
            } catch (UnsupportedOperationException | IllegalArgumentException e) {
                BasicFileAttributes read = Files.readAttributes(file, BasicFileAttributes.class, links);
                long hash = WatchedTree.mix(read.lastModifiedTime().hashCode(), read.size());
                return new Attributes(read.isDirectory(), read.isSymbolicLink(), hash);
            }
        }

        /// Of `st_mode` (inode(7)).
        private static final int TYPE = 0xF000;

        private static final int DIRECTORY = 0x4000;
        private static final int LINK = 0xA000;
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }
}
