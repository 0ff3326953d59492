package io.sallyport.config.model;

import org.jspecify.annotations.Nullable;

/// `HTTPRewrite`: what to change in the request before it goes upstream.
///
/// @param uri replaces the matched prefix, or the whole path of an exact or regex match
/// @param authority replaces the Host; `""` keeps it
/// @param uriRegexRewrite excludes `uri`
public record HttpRewrite(
        String uri, String authority, @Nullable RegexRewrite uriRegexRewrite, Position at) {

    /// `RegexRewrite`.
    ///
    /// @param match RE2 syntax, on any part of the path
    /// @param rewrite replacement, with `\1` for the first group
    public record RegexRewrite(String match, String rewrite) {}
}
