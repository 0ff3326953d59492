package io.sallyport.route;

/// What becomes of `%2F` and `%5C` in a path (Envoy `path_with_escaped_slashes_action`).
public enum EncodedSlashes {
    /// They are ordinary characters of a segment, in upper case. A segment is refused only if a server that
    /// decodes them would find `.` or `..` in it.
    KEEP,
    /// The request is answered with 400.
    REJECT,
    /// They become slashes, before dot segments are resolved and slashes merged.
    DECODE
}
