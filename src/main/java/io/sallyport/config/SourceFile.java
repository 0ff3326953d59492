package io.sallyport.config;

import org.jspecify.annotations.Nullable;

/// One file's content in memory.
///
/// @param name for positions
/// @param namespace of all that is in it, where that is known beforehand, even if the content cannot be read
public record SourceFile(
        String name, byte[] content, @Nullable String namespace) {
    public SourceFile(String name, byte[] content) {
        this(name, content, null);
    }
}
