package io.sallyport.config.yaml;

/// Bounds on what one file may cost, whatever is in it.
///
/// @param maxFileBytes in bytes
/// @param maxNodes of a file, and of a document with its aliases unfolded
/// @param maxDepth of nested lists and mappings
/// @param maxSyntaxErrors of a file, after which the rest of it is not read
public record YamlLimits(int maxFileBytes, int maxNodes, int maxDepth, int maxSyntaxErrors) {
    public static final YamlLimits DEFAULT = new YamlLimits(16 << 20, 2_000_000, 64, 20);
}
