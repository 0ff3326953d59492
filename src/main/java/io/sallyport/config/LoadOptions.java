package io.sallyport.config;

import io.sallyport.config.yaml.YamlLimits;

/// How to read a configuration directory.
///
/// @param defaultNamespace of resources without `metadata.namespace` (`sallyport.namespace`)
/// @param limits on one file
/// @param maxFiles in the directory
/// @param maxTotalBytes of all files together
public record LoadOptions(String defaultNamespace, YamlLimits limits, int maxFiles, long maxTotalBytes) {
    public static final LoadOptions DEFAULT = new LoadOptions("default", YamlLimits.DEFAULT, 10_000, 64L << 20);

    public LoadOptions withDefaultNamespace(String namespace) {
        return new LoadOptions(namespace, limits, maxFiles, maxTotalBytes);
    }
}
