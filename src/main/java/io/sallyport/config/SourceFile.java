package io.sallyport.config;

/// One file's content in memory.
///
/// @param name for positions
public record SourceFile(String name, byte[] content) {}
