package io.sallyport.config.source;

import io.sallyport.config.LoadResult;

/// Where configuration is read from.
@FunctionalInterface
public interface ConfigurationFiles {
    /// Reads and decodes one generation; never throws on what it holds.
    ///
    /// @param changes since the last call, as far as they are files of a directory
    LoadResult load(Changes changes);

    /// Whether the files that the last call read for their changes are still as they were then: else they were being
    /// written.
    default boolean isSettled() {
        return true;
    }

    /// Ends the time in which positions are asked for; they can be, and are then slow.
    default void forgetDocuments() {}
}
