package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What `explain` says of a request is what `serve` does with it.
class ExplainAgreesTest {
    private static final long SEED = 20_260_501;
    private static final int REQUESTS = 250;

    private static final String ROUTES = """
            - name: redirected
              match: [{uri: {prefix: /old/}}]
              redirect: {uri: /new, authority: new.example, redirectCode: 308}
            - name: gone
              match: [{uri: {exact: /gone}}]
              directResponse: {status: 410, body: {string: gone}}
            - name: regex
              match: [{uri: {regex: "/v[0-9]+/.*"}, method: {exact: GET}}]
              rewrite: {uriRegexRewrite: {match: "^/v([0-9]+)/(.*)$", rewrite: "/\\\\2/of/\\\\1"}}
              route: [{destination: {host: one.internal, port: {number: 80}}}]
            - name: header
              match:
              - headers: {x-tier: {exact: gold}}
                withoutHeaders: {x-debug: {}}
              route: [{destination: {host: two.internal, port: {number: 80}}}]
            - name: claimed
              match: [{headers: {x-forwarded-client-cert: {}}}]
              directResponse: {status: 299}
            - name: proto
              match: [{headers: {x-forwarded-proto: {exact: https}}}]
              directResponse: {status: 298}
            - name: query
              match: [{queryParams: {kind: {exact: b}}}]
              rewrite: {authority: two.rewritten}
              route: [{destination: {host: two.internal, port: {number: 80}}}]
            - name: rewritten
              match: [{uri: {prefix: /api/}, ignoreUriCase: true}]
              rewrite: {uri: /}
              route:
              - {destination: {host: one.internal, port: {number: 80}}, weight: 30}
              - {destination: {host: two.internal, port: {number: 80}}, weight: 70}
            - name: posted
              match: [{method: {exact: POST}, uri: {prefix: /}}]
              route: [{destination: {host: three.internal, port: {number: 80}}}]
            """;

    private static final String REST = """
            - route: [{destination: {host: three.internal, port: {number: 80}}}]
            """;

    private static final List<String> HOSTS = List.of(
            "shop.example",
            "SHOP.example",
            "shop.example:80",
            "a.wild.example",
            "a.b.wild.example",
            "wild.example",
            "unknown.example",
            "shop.example.");
    private static final List<String> PATHS = List.of(
            "/",
            "/gone",
            "/gone/",
            "/old/x",
            "/v1/items",
            "/v22/a/b?kind=b",
            "/vx/items",
            "/api/orders",
            "/API/orders?a=1",
            "/api",
            "/x?kind=b",
            "/x?kind=c&kind=b",
            "/a/../gone",
            "/a/./b//c",
            "/api/%6frders",
            "/api/a%2Fb",
            "/%2e%2e/gone",
            "/a%00b",
            "/old/%2e%2e/api/z?q=%20");
    private static final List<String> METHODS = List.of("GET", "GET", "GET", "POST", "PUT", "OPTIONS", "TRACE");
    private static final List<Map<String, String>> FIELDS = List.of(
            Map.of(),
            Map.of(),
            Map.of("x-tier", "gold"),
            Map.of("x-tier", "gold", "x-debug", "1"),
            Map.of("x-forwarded-client-cert", "URI=spiffe://forged"),
            Map.of("x-forwarded-proto", "https"),
            Map.of("content-type", "application/grpc-web"));

    @Test
    void onManyRequests() throws Exception {
        try (RawUpstream one = RawUpstream.ok("one");
                RawUpstream two = RawUpstream.ok("two");
                RawUpstream three = RawUpstream.ok("three");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("one.internal", one.port())
                        + Yaml.service("two.internal", two.port())
                        + Yaml.service("three.internal", three.port())
                        + Yaml.virtualService("shop.example", ROUTES + REST)
                        + Yaml.virtualService("*.wild.example", ROUTES))) {
            Map<String, RawUpstream> upstreams =
                    Map.of("one.internal", one, "two.internal", two, "three.internal", three);
            Explainer explainer = new Explainer(gateway.read().plan(), ProxySettings.DEFAULT);
            Random random = new Random(SEED);
            for (int i = 1; i <= REQUESTS; i++) {
                ExplainedRequest request = request(random);
                JsonObject said = new JsonObject(explainer.explain(request).json());
                compare(request, said, ask(gateway, request), facts(gateway, i), upstreams);
            }
        }
    }

    private static ExplainedRequest request(Random random) {
        return new ExplainedRequest(
                80,
                false,
                null,
                pick(HOSTS, random),
                pick(METHODS, random),
                pick(PATHS, random),
                pick(FIELDS, random),
                null,
                "127.0.0.1",
                null);
    }

    private static <T> T pick(List<T> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }

    private static String ask(TestGateway gateway, ExplainedRequest request) throws IOException {
        StringBuilder head = new StringBuilder();
        head.append(request.method()).append(' ').append(request.path()).append(" HTTP/1.1\r\n");
        head.append("host: ").append(request.host()).append("\r\nconnection: close\r\n");
        request.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        return RawClient.exchange(gateway.port(80), head.append("\r\n").toString());
    }

    private static RequestFacts facts(TestGateway gateway, int count) {
        await().pollInterval(Duration.ofMillis(2)).until(() -> gateway.facts().size() == count);
        return gateway.facts().getLast();
    }

    private static void compare(
            ExplainedRequest request,
            JsonObject said,
            String response,
            RequestFacts facts,
            Map<String, RawUpstream> upstreams) {
        assertThat(facts.status)
                .as("decided by what the client claims of itself")
                .isNotIn(298, 299);
        Map<String, Object> explained = new LinkedHashMap<>();
        Map<String, Object> served = new LinkedHashMap<>();
        boolean forwarded = "forward".equals(said.getString("action"));
        explained.put("status", forwarded ? Integer.valueOf(200) : said.getInteger("status"));
        served.put("status", facts.status);
        explained.put("status line", explained.get("status").toString());
        served.put("status line", response.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3));
        explained.put("flag", said.getString("flag"));
        served.put("flag", facts.flag == null ? null : facts.flag.name());
        JsonObject redirect = said.getJsonObject("redirect");
        explained.put("location", redirect == null ? null : redirect.getString("location"));
        served.put("location", field(response, "location"));
        explained.put("forwarded", forwarded);
        served.put("forwarded", facts.destination.cluster() != null);
        JsonObject route = said.getJsonObject("route");
        explained.put("route", route == null ? null : route.getString("name"));
        served.put("route", facts.routeName);
        if (forwarded && facts.destination.cluster() != null) {
            explained.put("cluster", names(said.getJsonArray("clusters")).contains(facts.destination.cluster()));
            served.put("cluster", true);
            RawUpstream upstream = upstreams.get(facts.destination.host());
            String sent = upstream.connections().getLast().received();
            String last = sent.substring(
                    sent.lastIndexOf("\r\n\r\n", sent.length() - 5) < 0
                            ? 0
                            : sent.lastIndexOf("\r\n\r\n", sent.length() - 5) + 4);
            JsonObject upstreamRequest = said.getJsonObject("upstreamRequest");
            explained.put("path", upstreamRequest.getString("path"));
            served.put("path", last.split(" ")[1]);
            explained.put("authority", upstreamRequest.getString("authority"));
            served.put("authority", field(last, "host"));
            explained.put("proto", upstreamRequest.getJsonObject("headers").getString("x-forwarded-proto"));
            served.put("proto", field(last, "x-forwarded-proto"));
        }
        assertThat(served).as("%s\n%s\n%s", request, said.encode(), response).isEqualTo(explained);
    }

    private static List<String> names(JsonArray clusters) {
        return clusters.stream()
                .map(cluster -> ((JsonObject) cluster).getString("name"))
                .toList();
    }

    private static String field(String head, String name) {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\n" + name + ":");
        return at < 0
                ? null
                : head.substring(at + name.length() + 3, head.indexOf("\r\n", at + 2))
                        .strip();
    }
}
