package io.sallyport.config.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `CorsPolicy`.
///
/// @param allowOrigin deprecated: exact origins, or `*`
public record CorsPolicy(
        List<String> allowOrigin,
        List<StringMatch> allowOrigins,
        List<String> allowMethods,
        List<String> allowHeaders,
        List<String> exposeHeaders,
        @Nullable Duration maxAge,
        @Nullable Boolean allowCredentials,
        UnmatchedPreflights unmatchedPreflights,
        Position at) {

    /// `CorsPolicy.UnmatchedPreflights`: what happens to a preflight from an origin that is not allowed.
    public enum UnmatchedPreflights {
        UNSPECIFIED,
        FORWARD,
        IGNORE
    }
}
