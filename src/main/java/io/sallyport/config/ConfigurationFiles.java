package io.sallyport.config;

/// Where configuration is read from.
public interface ConfigurationFiles {
    /// Reads and decodes one generation; never throws on what it holds.
    LoadResult load(LoadOptions options);
}
