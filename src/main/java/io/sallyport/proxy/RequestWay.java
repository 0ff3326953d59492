package io.sallyport.proxy;

import io.sallyport.outcome.ProxyException;
import io.sallyport.route.DirectResponse;
import io.sallyport.route.Forward;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.Redirect;
import io.sallyport.route.RouteFilters;
import io.sallyport.route.RouteMatch;
import io.sallyport.snapshot.HttpHost;

/// A request's way from top to bottom: say truly who called, admit, find the virtual host, find the route, act.
final class RequestWay {
    private static final byte[] NO_BODY = {};

    private RequestWay() {}

    /// @throws ProxyException the answer where the request is not served
    static void serve(Exchange exchange) throws ProxyException {
        UpstreamRequest.identify(exchange);
        exchange.connection.via.check(exchange.head.headers);
        RoutingContext request = HostSelection.context(exchange);
        HttpHost host = HostSelection.host(exchange, request);
        if (host.httpsRedirect() && !request.scheme().equals("https")) {
            redirect(exchange, Redirect.TO_HTTPS, request, RouteMatch.ANY);
            return;
        }
        MatchedRoute matched = findRoute(exchange, host, request);
        switch (matched.route().action()) {
            case Redirect redirect -> redirect(exchange, redirect, request, matched.match());
            case DirectResponse direct -> exchange.answer(LocalReply.head(direct), direct.body(), "direct_response");
            case Forward forward -> forward(exchange, forward, request, matched);
        }
    }

    private static MatchedRoute findRoute(Exchange exchange, HttpHost host, RoutingContext request)
            throws ProxyException {
        MatchedRoute matched = Routing.route(host, request);
        exchange.facts.routeName = matched.route().id().routeName();
        exchange.facts.virtualService = matched.route().id().virtualService();
        return matched;
    }

    private static void redirect(Exchange exchange, Redirect redirect, RoutingContext request, RouteMatch match) {
        exchange.answer(LocalReply.head(redirect, redirect.location(request, match)), NO_BODY, "direct_response");
    }

    private static void forward(Exchange exchange, Forward forward, RoutingContext request, MatchedRoute matched)
            throws ProxyException {
        RouteFilters filters = matched.route().filters();
        RouteFiltering filtering = filters == RouteFilters.NONE ? null : exchange.filter(filters);
        if (filtering != null && filtering.answered()) {
            return;
        }
        exchange.forwardBy(new Forwarding(exchange, forward, request, matched));
        if (filtering == null) {
            exchange.attempt();
        } else {
            filtering.proceed(request, forward.timeout().toNanos());
        }
    }
}
