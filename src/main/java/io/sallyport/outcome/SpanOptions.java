package io.sallyport.outcome;

/// How the spans of a request are reported.
///
/// @param collector the name of the provider that gets them; empty for the one that the settings name
/// @param istioTags with the attributes that Istio's proxies add about themselves
/// @param longestPath of the path and of the URL, characters; what is longer is cut
public record SpanOptions(String collector, boolean istioTags, int longestPath) {
    /// As Envoy has it where nothing is said (`max_path_tag_length`).
    public static final int LONGEST_PATH = 256;
}
