package io.sallyport.route.bench;

import io.sallyport.route.Forward;
import io.sallyport.route.HostIndex;
import io.sallyport.route.Route;
import io.sallyport.route.RouteId;
import io.sallyport.route.RouteIndex;
import io.sallyport.route.RouteMatch;
import io.sallyport.route.RouteTable;
import io.sallyport.route.StringMatcher;
import java.util.ArrayList;
import java.util.List;

/// Route tables of a given shape. Half of the hosts are wildcards.
final class Tables {
    private Tables() {}

    static RouteTable of(int hosts, int routes, String kind) {
        HostIndex.Builder<RouteIndex> index = HostIndex.builder();
        for (int i = 0; i < hosts; i++) {
            index.add(domain(i), RouteIndex.of(routes(routes, kind)));
        }
        return new RouteTable(index.build());
    }

    static String domain(int host) {
        return (host % 2 == 0 ? "service-" : "*.service-") + host + ".apps.example.com";
    }

    static String host(int host) {
        return (host % 2 == 0 ? "service-" : "tenant.service-") + host + ".apps.example.com";
    }

    static String path(int route, String kind) {
        String path = "/api/v1/resource-" + route;
        return kind.equals("prefix") ? path + "/items/4711" : path;
    }

    private static List<Route> routes(int count, String kind) {
        List<Route> routes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String path = "/api/v1/resource-" + i;
            StringMatcher uri =
                    kind.equals("prefix") ? new StringMatcher.Prefix(path + "/") : new StringMatcher.Exact(path);
            routes.add(new Route(
                    new RouteId("ns/vs", null, i),
                    List.of(RouteMatch.builder().uri(uri).build()),
                    Forward.to("outbound|80||service.default.svc.cluster.local")));
        }
        return routes;
    }
}
