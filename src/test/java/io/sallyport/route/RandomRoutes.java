package io.sallyport.route;

import io.sallyport.net.TestRequest;
import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import io.sallyport.route.StringMatcher.Present;
import io.sallyport.route.StringMatcher.Regex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Routes and requests drawn from so few strings that they often match, and often nearly.
final class RandomRoutes {
    private static final String[] PIECES = {"/", "/a", "/A", "/ab", "/a/", "/b", "c", "//", "/%C3%A9"};
    private static final String[] EXPRESSIONS = {
        ".*", "/a.*", "/[ab]+", "/(a|b)/?", "/.*c", "", "/a|/b", "/ab?", "/a/[b/]*", "(?i)/A.*", "/\\w/?"
    };
    private static final String[] VALUES = {"", "1", "2", "12"};
    private static final String[] NAMES = {"x", "y"};

    private final Random random;

    RandomRoutes(Random random) {
        this.random = random;
    }

    List<Route> routes(int most) {
        List<Route> routes = new ArrayList<>();
        int count = random.nextInt(most + 1);
        int service = 0;
        for (int i = 0; i < count; i++) {
            service += random.nextInt(4) == 0 ? 1 : 0;
            List<RouteMatch> matches = new ArrayList<>();
            for (int j = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(3); j > 0; j--) {
                matches.add(match(matches.size()));
            }
            routes.add(new Route(new RouteId("ns/vs" + service, null, i), matches, Forward.to("c" + i)));
        }
        return routes;
    }

    RouteMatch match(int index) {
        RouteMatch.Builder match = RouteMatch.builder().index(index).uri(uri());
        if (one(4)) {
            match.method(new Exact(one(2) ? "GET" : "POST"));
        }
        if (one(6)) {
            match.header(pick(NAMES), value());
        }
        if (one(8)) {
            match.withoutHeader(pick(NAMES), value());
        }
        if (one(8)) {
            match.queryParam(pick(NAMES), value());
        }
        if (one(16)) {
            match.scheme(new Exact("https"));
        }
        if (one(16)) {
            match.authority(new Prefix("foo.com:"));
        }
        if (one(16)) {
            match.port(one(2) ? 80 : 443);
        }
        if (one(16)) {
            match.sourceLabels(Map.of(pick(NAMES), pick(VALUES)));
        }
        if (one(16)) {
            match.sourceNamespace(pick(NAMES));
        }
        return match.build();
    }

    TestRequest request() {
        StringBuilder target = new StringBuilder(path());
        if (one(2)) {
            target.append('?');
            for (int i = random.nextInt(4); i > 0; i--) {
                target.append(pick(NAMES))
                        .append(one(3) ? "" : "=" + pick(VALUES))
                        .append(one(8) ? "" : "&");
            }
        }
        TestRequest request = TestRequest.get(target.toString())
                .withMethod(one(2) ? "GET" : "POST")
                .withScheme(one(2) ? "http" : "https")
                .withPort(one(2) ? 80 : 443)
                .withHost(one(2) ? "foo.com" : "foo.com:8080");
        for (int i = random.nextInt(3); i > 0; i--) {
            request = request.withHeader(pick(NAMES), pick(VALUES));
        }
        return one(2) ? request : request.withSource(pick(NAMES), Map.of(pick(NAMES), pick(VALUES)));
    }

    private StringMatcher uri() {
        return switch (random.nextInt(12)) {
            case 0 -> null;
            case 1 -> new Regex(pick(EXPRESSIONS));
            case 2, 3 -> new Exact(path(), true);
            case 4, 5 -> new Prefix(path(), true);
            case 6, 7, 8 -> new Exact(path());
            case 9 -> new Prefix("/");
            default -> new Prefix(one(16) ? "" : path());
        };
    }

    private StringMatcher value() {
        return switch (random.nextInt(4)) {
            case 0 -> new Present();
            case 1 -> new Prefix(pick(VALUES));
            case 2 -> new Regex(one(2) ? ".*" : "1.*");
            default -> new Exact(pick(VALUES));
        };
    }

    private String path() {
        StringBuilder path = new StringBuilder("/");
        for (int i = random.nextInt(4); i > 0; i--) {
            path.append(pick(PIECES));
        }
        return path.toString();
    }

    private boolean one(int in) {
        return random.nextInt(in) == 0;
    }

    private String pick(String[] values) {
        return values[random.nextInt(values.length)];
    }
}
