package io.sallyport.route;

/// How far a path is made canonical (Istio `MeshConfig.ProxyPathNormalization`).
public enum PathNormalization {
    /// Not at all. For upstreams that need every byte as it was sent; policies then see what was sent, too.
    NONE,
    /// Percent-encodings and dot segments.
    BASE,
    /// As BASE, and runs of slashes become one.
    MERGE_SLASHES,
    /// As MERGE_SLASHES, and `%2F`, `%5C` are slashes, unless they are [refused][EncodedSlashes#REJECT].
    DECODE_AND_MERGE_SLASHES
}
