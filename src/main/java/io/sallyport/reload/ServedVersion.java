package io.sallyport.reload;

import io.sallyport.config.FileResources;
import io.sallyport.config.FileResources.Item;
import io.sallyport.config.model.Position;
import java.time.Instant;

/// The version of a resource that was served last.
///
/// @param file as it was then
/// @param item as it was written then, or somewhere else in the file since
/// @param first when it came to be served
record ServedVersion(FileResources file, Item item, First first) {
    /// When a version was first served.
    ///
    /// @param restored by a process before this one
    record First(long generation, Instant at, boolean restored) {}

    /// The same version, where it stands now.
    ServedVersion as(Item moved) {
        return new ServedVersion(file, moved, first);
    }

    /// The file with positions that say which generation it is of: `routes.yaml (generation 3):12:1`. They cannot be
    /// taken for positions in what the file holds now.
    FileResources marked() {
        String before = first.restored() ? " before the restart" : "";
        return file.as(Position.marked(file.name(), "generation " + first.generation() + before));
    }
}
