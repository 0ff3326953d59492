package io.sallyport.outcome;

import io.sallyport.format.SpanTags;

/// How the spans of a request are reported.
///
/// @param collector the name of the provider that gets them; empty for the one that the settings name
/// @param istioTags with the attributes that Istio's proxies add about themselves
/// @param longestPath of the path and of the URL, characters; what is longer is cut
/// @param tags whose values are known at the end
public record SpanOptions(String collector, boolean istioTags, int longestPath, SpanTags tags) {
    /// As Envoy has it where nothing is said (`max_path_tag_length`).
    public static final int LONGEST_PATH = 256;

    /// Without tags of that kind.
    public SpanOptions(String collector, boolean istioTags, int longestPath) {
        this(collector, istioTags, longestPath, SpanTags.NONE);
    }
}
