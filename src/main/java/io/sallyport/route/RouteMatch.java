package io.sallyport.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A compiled `HTTPMatchRequest`: all of its conditions must hold.
///
/// @param index the place in its route's `match` list, which stays when the compiler leaves other matches out
/// @param routeName what its route is called by this match, see [MatchedRoute#routeName()]; null where it has no name
/// @param uri on [RequestView#path()]; null holds for every path
/// @param scheme on [RequestView#scheme()]
/// @param method on [RequestView#method()]
/// @param authority on [RequestView#authority()]; see [AuthorityCondition]
/// @param port of [RequestView#port()]; 0 is any
/// @param sourceLabels that the caller's labels must include
/// @param sourceNamespace of the caller, or null for any
/// @param statPrefix for metrics, or null
public record RouteMatch(
        int index,
        @Nullable String routeName,
        @Nullable StringMatcher uri,
        @Nullable StringMatcher scheme,
        @Nullable StringMatcher method,
        @Nullable StringMatcher authority,
        List<HeaderMatch> headers,
        List<ClaimMatch> claims,
        List<QueryMatch> queryParams,
        int port,
        Map<String, String> sourceLabels,
        @Nullable String sourceNamespace,
        @Nullable String statPrefix) {

    /// The match of a route that has none: every request.
    public static final RouteMatch ANY = builder().build();

    public RouteMatch {
        headers = List.copyOf(headers);
        claims = List.copyOf(claims);
        queryParams = List.copyOf(queryParams);
        sourceLabels = Map.copyOf(sourceLabels);
    }

    public static Builder builder() {
        return new Builder();
    }

    public boolean matches(RequestView request) {
        return (uri == null || uri.matches(request.path())) && othersMatch(request);
    }

    /// Whether there is any condition but the one on the path.
    boolean hasOthers() {
        return scheme != null
                || method != null
                || authority != null
                || port != 0
                || sourceNamespace != null
                || !headers.isEmpty()
                || !claims.isEmpty()
                || !queryParams.isEmpty()
                || !sourceLabels.isEmpty();
    }

    /// All conditions but the one on the path, cheapest first.
    boolean othersMatch(RequestView request) {
        if ((port != 0 && port != request.port())
                || (method != null && !method.matches(request.method()))
                || (scheme != null && !scheme.matches(request.scheme()))
                || (authority != null && !AuthorityCondition.holds(authority, request))
                || (sourceNamespace != null && !sourceNamespace.equals(request.sourceNamespace()))) {
            return false;
        }
        for (int i = 0; i < headers.size(); i++) {
            if (!headers.get(i).matches(request)) {
                return false;
            }
        }
        for (int i = 0; i < claims.size(); i++) {
            if (!claims.get(i).matches(request)) {
                return false;
            }
        }
        for (int i = 0; i < queryParams.size(); i++) {
            if (!queryParams.get(i).matches(request)) {
                return false;
            }
        }
        return sourceLabels.isEmpty() || request.sourceLabels().entrySet().containsAll(sourceLabels.entrySet());
    }

    /// The first condition that does not hold, in words; null where [#matches] is true.
    public @Nullable String mismatch(RequestView request) {
        return Mismatch.of(this, request);
    }

    /// The path that it is for, or the beginning of the paths; null where it is for any path, or for those of a regex.
    public @Nullable String path() {
        return switch (uri) {
            case StringMatcher.Prefix prefix -> prefix.value();
            case StringMatcher.Exact exact -> exact.value();
            case null, default -> null;
        };
    }

    /// How much of the path `uri` matched: the prefix of a prefix match, all of it for an exact or regex one.
    /// Without `uri` it is the leading `/`, for Istio then matches the prefix `/`.
    int matchedLength(String path) {
        return switch (uri) {
            case null -> 1;
            case StringMatcher.Present _ -> 1;
            case StringMatcher.Prefix prefix -> prefix.value().length();
            case StringMatcher.Exact _ -> path.length();
            case StringMatcher.Regex _ -> path.length();
        };
    }

    /// Collects the conditions of a match; what is not set holds for every request.
    public static final class Builder {
        private final List<HeaderMatch> headers = new ArrayList<>();
        private final List<ClaimMatch> claims = new ArrayList<>();
        private final List<QueryMatch> queryParams = new ArrayList<>();
        private Map<String, String> sourceLabels = Map.of();
        private int index;
        private int port;
        private @Nullable String routeName;
        private @Nullable StringMatcher uri;
        private @Nullable StringMatcher scheme;
        private @Nullable StringMatcher method;
        private @Nullable StringMatcher authority;
        private @Nullable String sourceNamespace;
        private @Nullable String statPrefix;

        private Builder() {}

        public Builder index(int value) {
            index = value;
            return this;
        }

        public Builder routeName(@Nullable String value) {
            routeName = value;
            return this;
        }

        public Builder uri(@Nullable StringMatcher value) {
            uri = value;
            return this;
        }

        public Builder scheme(@Nullable StringMatcher value) {
            scheme = value;
            return this;
        }

        public Builder method(@Nullable StringMatcher value) {
            method = value;
            return this;
        }

        public Builder authority(@Nullable StringMatcher value) {
            authority = value;
            return this;
        }

        /// A condition of `headers`.
        public Builder header(String headerName, StringMatcher value) {
            headers.add(new HeaderMatch(headerName, value, false));
            return this;
        }

        /// A condition of `withoutHeaders`.
        public Builder withoutHeader(String headerName, StringMatcher value) {
            headers.add(new HeaderMatch(headerName, value, true));
            return this;
        }

        /// A condition on a claim.
        public Builder claim(ClaimMatch value) {
            claims.add(value);
            return this;
        }

        public Builder queryParam(String parameter, StringMatcher value) {
            queryParams.add(new QueryMatch(parameter, value));
            return this;
        }

        /// @param value 0 is any
        public Builder port(int value) {
            port = value;
            return this;
        }

        public Builder sourceLabels(Map<String, String> value) {
            sourceLabels = value;
            return this;
        }

        public Builder sourceNamespace(@Nullable String value) {
            sourceNamespace = value;
            return this;
        }

        public Builder statPrefix(@Nullable String value) {
            statPrefix = value;
            return this;
        }

        public RouteMatch build() {
            return new RouteMatch(
                    index,
                    routeName,
                    uri,
                    scheme,
                    method,
                    authority,
                    headers,
                    claims,
                    queryParams,
                    port,
                    sourceLabels,
                    sourceNamespace,
                    statPrefix);
        }
    }
}
