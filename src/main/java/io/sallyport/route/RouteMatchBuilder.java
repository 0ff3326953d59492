package io.sallyport.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Collects the conditions of one [RouteMatch]; what is not set holds for every request.
public final class RouteMatchBuilder {
    private final List<HeaderMatch> headers = new ArrayList<>();
    private final List<QueryMatch> queryParams = new ArrayList<>();
    private Map<String, String> sourceLabels = Map.of();
    private int index;
    private int port;
    private @Nullable String name;
    private @Nullable StringMatch uri;
    private @Nullable StringMatch scheme;
    private @Nullable StringMatch method;
    private @Nullable StringMatch authority;
    private @Nullable String sourceNamespace;
    private @Nullable String statPrefix;

    RouteMatchBuilder() {}

    public RouteMatchBuilder index(int value) {
        index = value;
        return this;
    }

    public RouteMatchBuilder name(@Nullable String value) {
        name = value;
        return this;
    }

    public RouteMatchBuilder uri(@Nullable StringMatch value) {
        uri = value;
        return this;
    }

    public RouteMatchBuilder scheme(@Nullable StringMatch value) {
        scheme = value;
        return this;
    }

    public RouteMatchBuilder method(@Nullable StringMatch value) {
        method = value;
        return this;
    }

    public RouteMatchBuilder authority(@Nullable StringMatch value) {
        authority = value;
        return this;
    }

    /// A condition of `headers`.
    public RouteMatchBuilder header(String headerName, StringMatch value) {
        headers.add(new HeaderMatch(headerName, value, false));
        return this;
    }

    /// A condition of `withoutHeaders`.
    public RouteMatchBuilder withoutHeader(String headerName, StringMatch value) {
        headers.add(new HeaderMatch(headerName, value, true));
        return this;
    }

    public RouteMatchBuilder queryParam(String parameter, StringMatch value) {
        queryParams.add(new QueryMatch(parameter, value));
        return this;
    }

    /// @param value 0 is any
    public RouteMatchBuilder port(int value) {
        port = value;
        return this;
    }

    public RouteMatchBuilder sourceLabels(Map<String, String> value) {
        sourceLabels = value;
        return this;
    }

    public RouteMatchBuilder sourceNamespace(@Nullable String value) {
        sourceNamespace = value;
        return this;
    }

    public RouteMatchBuilder statPrefix(@Nullable String value) {
        statPrefix = value;
        return this;
    }

    public RouteMatch build() {
        return new RouteMatch(
                index,
                name,
                uri,
                scheme,
                method,
                authority,
                headers,
                queryParams,
                port,
                sourceLabels,
                sourceNamespace,
                statPrefix);
    }
}
