package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.net.TestRequest;
import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import io.sallyport.route.StringMatcher.Regex;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RouteIndexTest {
    private static RouteIndex indexed(RouteMatch.Builder... matches) {
        List<Route> routes = new ArrayList<>();
        for (RouteMatch.Builder match : matches) {
            routes.add(new Route(new RouteId("ns/vs", null, routes.size()), List.of(match.build()), Forward.to("c")));
        }
        return RouteIndex.of(routes, 0);
    }

    private static RouteMatch.Builder uri(StringMatcher uri) {
        return RouteMatch.builder().uri(uri);
    }

    private static int winner(RouteIndex index, TestRequest request) {
        MatchedRoute found = index.find(request);
        return found == null ? -1 : found.route().id().index();
    }

    @Test
    void theFirstInOrderWinsWhateverItsKind() {
        RouteIndex index = indexed(
                uri(new Prefix("/a/b")),
                uri(new Exact("/a/b/c")),
                uri(new Regex("/a/.*")),
                uri(new Prefix("/A", true)),
                uri(new Exact("/x")),
                uri(new Prefix("/")));

        assertThat(winner(index, TestRequest.get("/a/b/c"))).isZero();
        assertThat(winner(index, TestRequest.get("/a/c"))).isEqualTo(2);
        assertThat(winner(index, TestRequest.get("/a"))).isEqualTo(3);
        assertThat(winner(index, TestRequest.get("/A/b"))).isEqualTo(3);
        assertThat(winner(index, TestRequest.get("/x"))).isEqualTo(4);
        assertThat(winner(index, TestRequest.get("/X"))).isEqualTo(5);
    }

    @Test
    void aShortPrefixThatComesFirstWinsOverALongerOne() {
        RouteIndex index = indexed(uri(new Prefix("/a")), uri(new Prefix("/a/b")), uri(new Exact("/a/b/c")));

        assertThat(winner(index, TestRequest.get("/a/b/c"))).isZero();
    }

    @Test
    void aMatchWhoseOtherConditionsFailLetsTheNextOneIn() {
        RouteIndex index = indexed(
                uri(new Exact("/a")).method(new Exact("POST")),
                uri(new Prefix("/a")).header("x", new Exact("1")),
                uri(new Exact("/a")));

        assertThat(winner(index, TestRequest.get("/a"))).isEqualTo(2);
        assertThat(winner(index, TestRequest.get("/a").withHeader("x", "1"))).isEqualTo(1);
        assertThat(winner(index, TestRequest.get("/a").withMethod("POST"))).isZero();
        assertThat(winner(index, TestRequest.get("/b"))).isEqualTo(-1);
    }

    @Test
    void noRouteMeansNoMatch() {
        assertThat(RouteIndex.of(List.of()).find(TestRequest.get("/"))).isNull();
        assertThat(RouteIndex.of(List.of(), 0).find(TestRequest.get("/"))).isNull();
    }

    @Test
    void theIndexFindsWhatAScanOfTheWholeListFinds() {
        Random seed = new Random(4711);
        RandomRoutes random = new RandomRoutes(seed);
        int matched = 0;
        for (int i = 0; i < 5_000; i++) {
            List<Route> routes = random.routes(1 + i % 40);
            RouteIndex index = RouteIndex.of(routes, 0);
            RouteIndex asServed = RouteIndex.of(routes);
            for (int j = 0; j < 20; j++) {
                TestRequest request = random.request();
                MatchedRoute expected = scan(routes, request);
                assertThat(index.find(request)).as("%s in %s", request, routes).isEqualTo(expected);
                assertThat(asServed.find(request)).isEqualTo(expected);
                matched += expected == null ? 0 : 1;
            }
        }
        assertThat(matched).as("cases in which a route matched").isBetween(20_000, 95_000);
    }

    /// What Istio says, word for word: all matches as written, those behind a VirtualService's catch-all left out,
    /// the catch-alls tried last.
    private static MatchedRoute scan(List<Route> routes, RequestView request) {
        MatchedRoute lastResort = null;
        List<String> closed = new ArrayList<>();
        for (Route route : routes) {
            for (RouteMatch match : route.matches().isEmpty() ? List.of(RouteMatch.ANY) : route.matches()) {
                if (closed.contains(route.id().virtualService())) {
                    continue;
                }
                if (RouteOrder.isCatchAll(match)) {
                    closed.add(route.id().virtualService());
                    lastResort = lastResort == null ? new MatchedRoute(route, match) : lastResort;
                } else if (match.mismatch(request) == null) {
                    return new MatchedRoute(route, match);
                }
            }
        }
        return lastResort;
    }
}
