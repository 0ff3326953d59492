package io.sallyport.route;

/// What becomes of `%2F` and `%5C` in a path (Envoy `path_with_escaped_slashes_action`).
public enum EncodedSlashes {
    /// They are ordinary characters of a segment, in upper case. Only a segment in which a server that decodes them
    /// would
    /// find `.` or `..` is refused.
    KEEP,
    /// The request is answered with 400.
    REJECT,
    /// They become slashes, before dot segments are resolved and slashes merged.
    DECODE
}
