package io.sallyport.compile;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.StringMatch;
import io.sallyport.jwt.ClaimPath;
import io.sallyport.net.HostName;
import io.sallyport.route.ClaimMatch;
import io.sallyport.route.RouteMatch;
import io.sallyport.route.StringMatcher;

/// Translates one HTTPMatchRequest. Conditions that the place decides (`gateways`, `port`, and at a gateway
/// `sourceLabels` and `sourceNamespace`) are settled here, once, and are gone from the compiled match.
final class MatchCompiler {
    private final RoutePlace place;

    MatchCompiler(RoutePlace place) {
        this.place = place;
    }

    /// @param namespace of the VirtualService
    boolean concerns(HttpMatchRequest match, String namespace) {
        return place.admits(namespace, match.gateways(), match.port(), match.sourceLabels(), match.sourceNamespace());
    }

    /// @param routeName `HTTPRoute.name`, or empty
    RouteMatch compile(HttpMatchRequest match, int index, String routeName) {
        RouteMatch.Builder compiled = RouteMatch.builder()
                .index(index)
                .routeName(match.name().isEmpty() ? null : routeName + "." + match.name())
                .uri(match.uri() == null ? null : compile(match.uri(), match.ignoreUriCase()))
                .scheme(match.scheme() == null ? null : compile(match.scheme()))
                .method(match.method() == null ? null : compile(match.method()))
                .authority(match.authority() == null ? null : authority(match.authority()))
                .statPrefix(match.statPrefix().isEmpty() ? null : match.statPrefix());
        if (place.isMesh()) {
            compiled.sourceLabels(match.sourceLabels());
            compiled.sourceNamespace(match.sourceNamespace().isEmpty() ? null : match.sourceNamespace());
        }
        match.headers().forEach((name, value) -> header(name, value, false, compiled));
        match.withoutHeaders().forEach((name, value) -> header(name, value, true, compiled));
        match.queryParams().forEach((name, value) -> compiled.queryParam(name, compile(value)));
        return compiled.build();
    }

    private static void header(String name, StringMatch value, boolean inverse, RouteMatch.Builder compiled) {
        if (ClaimPath.isRoute(name)) {
            compiled.claim(new ClaimMatch(ClaimPath.ofRoute(name), compile(value), inverse));
        } else if (inverse) {
            compiled.withoutHeader(name, header(name, value));
        } else {
            compiled.header(name, header(name, value));
        }
    }

    /// @param name in lower case
    private static StringMatcher header(String name, StringMatch match) {
        return name.equals("host") || name.equals(":authority") ? authority(match) : compile(match);
    }

    /// Hosts have no case (RFC 9110, 4.2.3), so neither has what they are compared with; an address is compared in the
    /// form that requests' addresses get.
    private static StringMatcher authority(StringMatch match) {
        return switch (match) {
            case StringMatch.Exact(String value) -> {
                HostName canonical = HostName.parse(value);
                yield new StringMatcher.Exact(canonical.isRejected() ? value : canonical.authority(), true);
            }
            case StringMatch.Regex(String value) when !value.equals("*") -> StringMatcher.Regex.ignoringCase(value);
            default -> compile(match, true);
        };
    }

    static StringMatcher compile(StringMatch match) {
        return switch (match) {
            case StringMatch.Exact(String value) -> new StringMatcher.Exact(value);
            case StringMatch.Prefix(String value) -> new StringMatcher.Prefix(value);
            case StringMatch.Regex(String value)
            when value.equals("*") ->
                // Not RE2, but what Istio's users write for "any value".
                new StringMatcher.Present();
            case StringMatch.Regex(String value) -> new StringMatcher.Regex(value);
            case StringMatch.Present() -> new StringMatcher.Present();
        };
    }

    private static StringMatcher compile(StringMatch match, boolean ignoreCase) {
        return switch (match) {
            case StringMatch.Exact(String value) -> new StringMatcher.Exact(value, ignoreCase);
            case StringMatch.Prefix(String value) -> new StringMatcher.Prefix(value, ignoreCase);
            default -> compile(match);
        };
    }
}
