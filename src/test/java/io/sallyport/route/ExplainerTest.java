package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.route.StringMatch.Exact;
import io.sallyport.route.StringMatch.Prefix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExplainerTest {
    private static RouteTable table(List<Route> routes) {
        HostIndex.Builder<VirtualHost> hosts = HostIndex.builder();
        hosts.add("foo.com", new VirtualHost("foo.com:80", List.of("foo.com"), RouteIndex.of(routes)));
        return new RouteTable(hosts.build());
    }

    private static Route route(int index, String name, RouteMatchBuilder... matches) {
        List<RouteMatch> built =
                java.util.Arrays.stream(matches).map(RouteMatchBuilder::build).toList();
        return new Route(new RouteId("ns/web", name, index), built, Forward.to("c"));
    }

    @Test
    void namesTheWayAndWhyTheNearerOnesWereNotTaken() {
        RouteTable table = table(List.of(
                route(
                        0,
                        "v1",
                        RouteMatch.builder().index(0).uri(new Prefix("/v1")),
                        RouteMatch.builder().index(1).header("x-user", new Exact("jason"))),
                route(1, null, RouteMatch.builder().uri(new Prefix("/v2")).method(new Exact("POST"))),
                route(2, "rest")));

        Explanation explanation = Explainer.explain(table, TestRequest.get("/v2/x"));

        assertThat(explanation.virtualHost()).isEqualTo("foo.com:80");
        assertThat(explanation.matched().route().id()).isEqualTo(new RouteId("ns/web", "rest", 2));
        assertThat(explanation.considered())
                .containsExactly(
                        new Considered(new RouteId("ns/web", "v1", 0), 0, "uri prefix /v1 does not match /v2/x"),
                        new Considered(
                                new RouteId("ns/web", "v1", 0),
                                1,
                                "header x-user: exact \"jason\" does not match absent"),
                        new Considered(new RouteId("ns/web", null, 1), 0, "method exact POST does not match GET"));
    }

    @Test
    void sayWhenNoHostMatches() {
        Explanation explanation =
                Explainer.explain(table(List.of()), TestRequest.get("/").withHost("bar.com"));

        assertThat(explanation).isEqualTo(new Explanation(null, null, List.of()));
    }

    @Test
    void saysWhenNoRouteMatches() {
        RouteTable table = table(List.of(route(0, null, RouteMatch.builder().uri(new Exact("/a")))));

        Explanation explanation = Explainer.explain(table, TestRequest.get("/b"));

        assertThat(explanation.virtualHost()).isEqualTo("foo.com:80");
        assertThat(explanation.matched()).isNull();
        assertThat(explanation.considered()).hasSize(1);
    }

    @Test
    void everythingBeforeTheMatchHasAReason() {
        RandomRoutes random = new RandomRoutes(new Random(17));
        for (int i = 0; i < 20_000; i++) {
            List<Route> routes = random.routes(20);
            TestRequest request = random.request();
            RouteTable table = table(routes);

            Explanation explanation = Explainer.explain(table, request);

            List<MatchedRoute> ordered = RouteOrder.sort(routes);
            int place = ordered.indexOf(table.find(request));
            assertThat(explanation.matched()).isEqualTo(table.find(request));
            assertThat(explanation.considered()).hasSize(place < 0 ? ordered.size() : place);
        }
    }
}
