package io.sallyport.config.source;

import java.nio.file.Path;
import java.util.Set;

/// What has changed in directories that are watched.
///
/// @param any whether anything else may have, too
/// @param files by their paths within the directories as these were given to the watcher
public record Changes(boolean any, Set<Path> files) {
    public static final Changes ANY = new Changes(true, Set.of());
    public static final Changes NO_FILES = new Changes(false, Set.of());

    public Changes {
        files = Set.copyOf(files);
    }

    public static Changes of(Set<Path> files) {
        return new Changes(false, files);
    }

    /// These, and perhaps others.
    public Changes andOthers() {
        return new Changes(true, files);
    }
}
