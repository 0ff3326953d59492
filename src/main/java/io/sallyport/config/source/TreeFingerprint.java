package io.sallyport.config.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A number that differs when anything in the watched directories does. It is made of names, link targets, sizes,
/// inodes and change times: the kernel sets a file's change time at every write, so contents need not be read.
final class TreeFingerprint {
    private final List<Path> roots;

    TreeFingerprint(List<Path> roots) {
        this.roots = List.copyOf(roots);
    }

    long compute() {
        long hash = 0;
        for (Path directory : WatchedTree.directories(roots)) {
            hash = mix(hash, directory.toString().hashCode());
            try {
                for (Path child : ConfigurationDirectory.children(directory)) {
                    hash = mix(hash, child.toString().hashCode());
                    hash = mix(hash, of(child));
                }
            } catch (IOException | SecurityException e) {
                hash = mix(hash, -1);
            }
        }
        return hash;
    }

    private static long of(Path file) {
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
        // A map's own order may differ between runs, never within one.
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
