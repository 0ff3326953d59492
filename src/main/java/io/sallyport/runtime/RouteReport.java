package io.sallyport.runtime;

import io.sallyport.admin.Listing;
import io.sallyport.route.DirectResponse;
import io.sallyport.route.Forward;
import io.sallyport.route.HeaderMatch;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.Redirect;
import io.sallyport.route.RouteAction;
import io.sallyport.route.RouteId;
import io.sallyport.route.RouteMatch;
import io.sallyport.route.StringMatcher;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.telemetry.LiveTraffic;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The routes of a generation as the admin API shows them: by listener and host, each host with a row of its own before
/// its routes, which come in the order in which they are tried.
final class RouteReport {
    /// @param route `namespace/name` of the VirtualService with the route's name or place
    /// @param counted by what its requests are; null for what is no route of requests, nor a host
    private record Row(
            String listener,
            String host,
            String match,
            String action,
            String route,
            LiveTraffic.@Nullable Key counted) {
        Row(String listener, String host, String match, String action, String route) {
            this(listener, host, match, action, route, null);
        }

        String text() {
            return listener + ' ' + host + ' ' + match + ' ' + action + ' ' + route;
        }

        JsonObject json(Function<LiveTraffic.Key, @Nullable JsonObject> traffic) {
            return new JsonObject()
                    .put("kind", counted instanceof LiveTraffic.HostKey ? "host" : "route")
                    .put("listener", listener)
                    .put("host", host)
                    .put("match", match)
                    .put("action", action)
                    .put("route", route)
                    .put("traffic", counted == null ? null : traffic.apply(counted));
        }
    }

    private final List<Row> rows = new ArrayList<>();

    private RouteReport() {}

    /// @param traffic what routes and hosts were like lately; null for those of which nothing is known
    static Listing<?> of(Snapshot snapshot, Function<LiveTraffic.Key, @Nullable JsonObject> traffic) {
        var report = new RouteReport();
        snapshot.listeners().values().stream()
                .sorted(Comparator.comparing(listener -> listener.bind().toString()))
                .forEach(report::add);
        return new Listing<>(report.rows, Row::text, row -> row.json(traffic));
    }

    private void add(ListenerSnapshot listener) {
        String bind = listener.bind().toString();
        listener.all().stream()
                .sorted(Comparator.comparing(FilterChain::name))
                .forEach(chain -> add(bind, listener.port(), chain));
    }

    private void add(String listener, int port, FilterChain chain) {
        switch (chain.application()) {
            case FilterChain.Http http ->
                http.hosts().values().stream()
                        .distinct()
                        .sorted(Comparator.comparing(HttpHost::domain))
                        .forEach(host -> add(listener, host.name(), port, host));
            case FilterChain.Tcp tcp ->
                tcp.routes().forEach(route -> add(listener, String.join(", ", chain.serverNames()), route));
            case FilterChain.SniCluster _ ->
                rows.add(new Row(
                        listener,
                        String.join(", ", chain.serverNames()),
                        "any SNI",
                        "the cluster that the SNI names",
                        chain.server().toString()));
            case FilterChain.Mesh mesh -> mesh.routes().hosts().forEach(host -> add(listener, host));
        }
    }

    private void add(String listener, MeshHost host) {
        String name = host.permit().host() + ':' + host.permit().port();
        if (host.http() != null) {
            add(listener, name, host.permit().port(), host.http());
        }
        host.bytes().forEach(route -> add(listener, name, route));
    }

    private void add(String listener, String name, int port, HttpHost host) {
        List<MatchedRoute> routes = host.routes().ordered();
        rows.add(new Row(
                listener,
                name,
                "all requests",
                routes.size() == 1 ? "1 route" : routes.size() + " routes",
                host.server().toString(),
                new LiveTraffic.HostKey(host.domain(), port)));
        if (host.httpsRedirect()) {
            rows.add(new Row(
                    listener, name, "plain text", "301 to https", host.server().toString()));
        }
        for (MatchedRoute matched : routes) {
            RouteId id = matched.id();
            rows.add(new Row(
                    listener,
                    name,
                    match(matched.match()),
                    action(matched.route().action()),
                    id.virtualService() + ' ' + id.label(),
                    new LiveTraffic.RouteKey(id.virtualService(), id.routeName(), id.index())));
        }
    }

    private void add(String listener, String host, L4Route route) {
        String match = route.matches().stream()
                .map(each -> each.serverNames().isEmpty() ? "bytes" : "SNI " + String.join(", ", each.serverNames()))
                .distinct()
                .collect(Collectors.joining(" or "));
        rows.add(new Row(
                listener,
                host,
                match.isEmpty() ? "bytes" : match,
                clusters(route.clusters()),
                route.virtualService() + " #" + route.index()));
    }

    private static String match(RouteMatch match) {
        List<String> parts = new ArrayList<>();
        add(parts, "method", match.method());
        add(parts, "path", match.uri());
        add(parts, "scheme", match.scheme());
        add(parts, "authority", match.authority());
        if (match.port() != 0) {
            parts.add("port " + match.port());
        }
        for (HeaderMatch header : match.headers()) {
            parts.add(not(header.inverse()) + "header " + header.name() + " "
                    + header.value().describeQuoted());
        }
        match.claims()
                .forEach(claim -> parts.add(not(claim.inverse()) + "claim " + String.join(".", claim.path()) + " "
                        + claim.value().describeQuoted()));
        match.queryParams()
                .forEach(query ->
                        parts.add("query " + query.name() + " " + query.value().describeQuoted()));
        match.sourceLabels().forEach((name, value) -> parts.add("source label " + name + "=" + value));
        if (match.sourceNamespace() != null) {
            parts.add("source namespace " + match.sourceNamespace());
        }
        return parts.isEmpty() ? "every request" : String.join(", ", parts);
    }

    private static String not(boolean inverse) {
        return inverse ? "not " : "";
    }

    private static void add(List<String> parts, String what, @Nullable StringMatcher matcher) {
        if (matcher != null) {
            parts.add(what + " " + matcher.describe());
        }
    }

    private static String action(RouteAction action) {
        return switch (action) {
            case Forward forward -> clusters(forward.clusters());
            case Redirect redirect -> "redirect " + redirect.status();
            case DirectResponse direct -> "answer " + direct.status();
        };
    }

    private static String clusters(List<WeightedCluster> clusters) {
        return clusters.size() == 1
                ? clusters.getFirst().clusterName()
                : clusters.stream()
                        .map(cluster -> cluster.clusterName() + " (" + cluster.weight() + ")")
                        .collect(Collectors.joining(", "));
    }
}
