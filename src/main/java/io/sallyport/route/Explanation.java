package io.sallyport.route;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which way a request goes, and why not another.
///
/// @param virtualHost its name, or null where no domain matches the host
/// @param matched null where no route matches
/// @param considered what was tried first, in order
public record Explanation(
        @Nullable String virtualHost, @Nullable MatchedRoute matched, List<Considered> considered) {}
