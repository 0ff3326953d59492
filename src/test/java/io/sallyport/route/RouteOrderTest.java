package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import io.sallyport.route.StringMatcher.Present;
import io.sallyport.route.StringMatcher.Regex;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteOrderTest {
    private final List<Route> routes = new ArrayList<>();

    private void route(String virtualService, StringMatcher... uris) {
        List<RouteMatch> matches = new ArrayList<>();
        for (StringMatcher uri : uris) {
            matches.add(RouteMatch.builder().index(matches.size()).uri(uri).build());
        }
        routes.add(new Route(new RouteId(virtualService, null, routes.size()), matches, Forward.to("c")));
    }

    private List<String> order() {
        return RouteOrder.sort(routes).stream()
                .map(entry -> entry.route().id().index() + "." + entry.matchIndex())
                .toList();
    }

    @Test
    void matchesStayInTheOrderOfTheirRoutes() {
        route("a", new Prefix("/x"), new Exact("/y"));
        route("a", new Regex("/z"));

        assertThat(order()).containsExactly("0.0", "0.1", "1.0");
    }

    @Test
    void theCatchAllOfOneVirtualServiceDoesNotHideTheNext() {
        route("a", new Exact("/1"));
        route("a");
        route("b", new Prefix("/2"));
        route("b", new Prefix("/"));

        assertThat(order()).containsExactly("0.0", "2.0", "1.0", "3.0");
    }

    @Test
    void whatStandsBehindACatchAllInItsOwnVirtualServiceStaysHidden() {
        route("a", new Prefix("/"));
        route("a", new Prefix("/hidden"));
        route("b", new Prefix("/seen"));

        assertThat(order()).containsExactly("2.0", "0.0");
    }

    @Test
    void onlyTheMatchThatCatchesAllMovesNotItsWholeRoute() {
        route("a", new Prefix("/x"), new Regex(".*"), new Prefix("/hidden"));
        route("b", new Prefix("/y"));

        assertThat(order()).containsExactly("0.0", "1.0", "0.1");
    }

    @Test
    void aMatchWithAnyOtherConditionIsNoCatchAll() {
        assertThat(RouteOrder.isCatchAll(RouteMatch.ANY)).isTrue();
        assertThat(RouteOrder.isCatchAll(uri(new Present()))).isTrue();
        assertThat(RouteOrder.isCatchAll(uri(new Prefix("/")))).isTrue();
        assertThat(RouteOrder.isCatchAll(uri(new Prefix("/", true)))).isTrue();
        assertThat(RouteOrder.isCatchAll(uri(new Regex(".*")))).isTrue();
        assertThat(RouteOrder.isCatchAll(uri(new Regex("/.*")))).isFalse();
        assertThat(RouteOrder.isCatchAll(uri(new Exact("/")))).isFalse();
        assertThat(RouteOrder.isCatchAll(uri(new Prefix("/a")))).isFalse();
        RouteMatch.Builder posts = RouteMatch.builder().uri(new Prefix("/")).method(new Exact("POST"));
        assertThat(RouteOrder.isCatchAll(posts.build())).isFalse();
        assertThat(RouteOrder.isCatchAll(RouteMatch.builder().port(80).build())).isFalse();
        RouteMatch.Builder without = RouteMatch.builder().withoutHeader("x", new Present());
        assertThat(RouteOrder.isCatchAll(without.build())).isFalse();
    }

    private static RouteMatch uri(StringMatcher uri) {
        return RouteMatch.builder().uri(uri).build();
    }
}
