package io.sallyport.config.source;

import io.sallyport.config.LoadResult;

/// Where configuration is read from.
@FunctionalInterface
public interface ConfigurationFiles {
    /// Reads and decodes one generation; never throws on what it holds.
    ///
    /// @param changes since the last call, as far as they are files of a directory
    LoadResult load(Changes changes);

    /// Whether the changed files are still as the last call read them; otherwise they are being written.
    default boolean isSettled() {
        return true;
    }

    /// Called when positions are no longer looked up: memory that only they need is released. Later look-ups are slow.
    default void forgetDocuments() {}
}
