package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.net.TestRequest;
import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TriedBeforeTest {
    private static Route route(int index, String name, RouteMatch.Builder... matches) {
        List<RouteMatch> built =
                java.util.Arrays.stream(matches).map(RouteMatch.Builder::build).toList();
        return new Route(new RouteId("ns/web", name, index), built, Forward.to("c"));
    }

    @Test
    void namesTheWayAndWhyTheNearerOnesWereNotTaken() {
        RouteIndex routes = RouteIndex.of(List.of(
                route(
                        0,
                        "v1",
                        RouteMatch.builder().index(0).uri(new Prefix("/v1")),
                        RouteMatch.builder().index(1).header("x-user", new Exact("jason"))),
                route(1, null, RouteMatch.builder().uri(new Prefix("/v2")).method(new Exact("POST"))),
                route(2, "rest")));

        RequestView request = TestRequest.get("/v2/x");
        MatchedRoute matched = routes.find(request);

        assertThat(matched.route().id()).isEqualTo(new RouteId("ns/web", "rest", 2));
        assertThat(routes.triedBefore(matched, request))
                .containsExactly(
                        new Considered(new RouteId("ns/web", "v1", 0), 0, "uri prefix /v1 does not match /v2/x"),
                        new Considered(
                                new RouteId("ns/web", "v1", 0),
                                1,
                                "header x-user: exact \"jason\" does not match absent"),
                        new Considered(new RouteId("ns/web", null, 1), 0, "method exact POST does not match GET"));
    }

    @Test
    void saysWhenNoRouteMatches() {
        RouteIndex routes =
                RouteIndex.of(List.of(route(0, null, RouteMatch.builder().uri(new Exact("/a")))));

        RequestView request = TestRequest.get("/b");
        MatchedRoute matched = routes.find(request);

        assertThat(matched).isNull();
        assertThat(routes.triedBefore(matched, request)).hasSize(1);
    }

    @Test
    void everythingBeforeTheMatchHasAReason() {
        RandomRoutes random = new RandomRoutes(new Random(17));
        for (int i = 0; i < 20_000; i++) {
            List<Route> routes = random.routes(20);
            TestRequest request = random.request();
            RouteIndex index = RouteIndex.of(routes);
            MatchedRoute matched = index.find(request);

            List<MatchedRoute> ordered = RouteOrder.sort(routes);
            int place = ordered.indexOf(matched);
            assertThat(index.triedBefore(matched, request)).hasSize(place < 0 ? ordered.size() : place);
        }
    }

    @Test
    void peopleReadTheIndexWhereTheRouteItselfHasNoName() {
        assertThat(new RouteId("ns/web", null, 2).label()).isEqualTo("#2");
        assertThat(new RouteId("ns/web", ".m", 2).label()).isEqualTo("#2.m");
        assertThat(new RouteId("ns/web", "r.m", 2).label()).isEqualTo("r.m");
    }
}
