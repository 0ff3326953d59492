package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorsTest {
    private static final String STRICT = """
            allowOrigins: [{exact: "https://app.example"}, {prefix: "https://dev."}, {regex: "https://.*[.]team"}]
                allowMethods: [GET, PATCH]
                allowHeaders: [x-token, content-type]
                exposeHeaders: [x-total, x-page]
                maxAge: 24h
                allowCredentials: true""";

    /// It has ideas of its own about other origins.
    private final RawUpstream upstream = RawUpstream.answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n"
            + "access-control-allow-origin: *\r\naccess-control-allow-credentials: true\r\n"
            + "access-control-expose-headers: x-upstream\r\n\r\nhello");

    @AfterEach
    void close() {
        upstream.close();
    }

    private TestGateway serving(String policy) {
        return TestGateway.serving(
                Yaml.httpGateway("*") + Yaml.service("shop.internal", upstream.port()) + route(policy));
    }

    private static String route(String policy) {
        return Yaml.virtualService("shop.example", """
                - route: [{destination: {host: shop.internal, port: {number: 80}}}]
                  corsPolicy:
                    %s
                """.formatted(policy));
    }

    private static String ask(TestGateway gateway, String method, String... fields) throws Exception {
        return RawClient.exchange(
                gateway.port(80),
                method + " /cart HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n"
                        + String.join("\r\n", fields)
                        + "\r\n\r\n");
    }

    private static String preflight(TestGateway gateway, String origin) throws Exception {
        return ask(
                gateway,
                "OPTIONS",
                "Origin: " + origin,
                "Access-Control-Request-Method: PUT",
                "Access-Control-Request-Headers: x-asked");
    }

    /// Whoever answers, as at Istio.
    @ParameterizedTest
    @CsvSource({"'directResponse: {status: 200, body: {string: hello}}', 200", "'redirect: {uri: /there}', 301"})
    void soItIsForAnswersOfTheGatewaysOwn(String action, int status) throws Exception {
        String route = Yaml.virtualService("shop.example", "- %s\n  corsPolicy:\n    %s\n".formatted(action, STRICT));
        try (TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*") + route)) {
            assertThat(preflight(gateway, "https://app.example"))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("\r\naccess-control-allow-methods: GET,PATCH\r\n");
            assertThat(ask(gateway, "GET", "Origin: https://app.example"))
                    .startsWith("HTTP/1.1 " + status)
                    .contains(
                            "\r\naccess-control-allow-origin: https://app.example\r\n",
                            "\r\naccess-control-expose-headers: x-total,x-page\r\n");
            assertThat(ask(gateway, "GET", "Origin: https://evil.example"))
                    .startsWith("HTTP/1.1 " + status)
                    .doesNotContain("access-control-allow-origin");
            assertThat(ask(gateway, "GET")).startsWith("HTTP/1.1 " + status).doesNotContain("access-control");
        }
    }

    @Test
    void theGatewayAnswersPreflights() throws Exception {
        try (TestGateway gateway = serving(STRICT)) {
            assertThat(preflight(gateway, "https://app.example"))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains(
                            "\r\naccess-control-allow-origin: https://app.example\r\n",
                            "\r\naccess-control-allow-credentials: true\r\n",
                            "\r\naccess-control-allow-methods: GET,PATCH\r\n",
                            "\r\naccess-control-allow-headers: x-token,content-type\r\n",
                            "\r\naccess-control-max-age: 86400\r\n",
                            "\r\nvary: origin\r\n",
                            "\r\ncontent-length: 0\r\n");

            assertThat(upstream.connectionCount()).isZero();
            assertThat(gateway.firstFacts().details).isEqualTo("cors_response");
            assertThat(gateway.firstFacts().flag).isNull();
        }
    }

    @Test
    void aResponseGetsThePolicysFieldsInPlaceOfTheUpstreams() throws Exception {
        try (TestGateway gateway = serving(STRICT)) {
            String response = ask(gateway, "GET", "Origin: https://app.example");

            assertThat(response)
                    .contains(
                            "\r\naccess-control-allow-origin: https://app.example\r\n",
                            "\r\naccess-control-allow-credentials: true\r\n",
                            "\r\naccess-control-expose-headers: x-total,x-page\r\n",
                            "\r\nvary: origin\r\n")
                    .doesNotContain("allow-origin: *", "x-upstream", "access-control-max-age");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example, true",
        "https://app.example.evil, false",
        "http://app.example, false",
        "https://APP.example, false",
        "https://dev.anything, true",
        "https://a.team, true",
        "https://a.team.evil, false",
        "null, false",
    })
    void originsAreMatchedWhole(String origin, boolean allowed) throws Exception {
        try (TestGateway gateway = serving(STRICT)) {
            String response = ask(gateway, "GET", "Origin: " + origin);

            assertThat(response.contains("\r\naccess-control-allow-origin: " + origin + "\r\n"))
                    .isEqualTo(allowed);
            // A response to another origin is left as the upstream gave it.
            assertThat(response.contains("\r\naccess-control-allow-origin: *\r\n"))
                    .isEqualTo(!allowed);
        }
    }

    /// The policy reflects every origin; with the upstream's credentials every site could act for the user.
    @Test
    void anUpstreamsCredentialsGiveWayToAPolicyWithoutThem() throws Exception {
        try (TestGateway gateway = serving("allowOrigins: [{regex: \".*\"}]")) {
            assertThat(ask(gateway, "GET", "Origin: https://evil.example"))
                    .contains("\r\naccess-control-allow-origin: https://evil.example\r\n")
                    .contains("\r\naccess-control-expose-headers: x-upstream\r\n")
                    .doesNotContain("access-control-allow-credentials");
        }
    }

    @Test
    void starsStandForWhatIsAskedFor() throws Exception {
        try (TestGateway gateway =
                serving("{allowOrigins: [{exact: \"*\"}], allowMethods: [\"*\"], allowHeaders: [\"*\"]}")) {
            assertThat(preflight(gateway, "https://any.example"))
                    .contains(
                            "\r\naccess-control-allow-origin: https://any.example\r\n",
                            "\r\naccess-control-allow-methods: PUT\r\n",
                            "\r\naccess-control-allow-headers: x-asked\r\n")
                    .doesNotContain("access-control-max-age", "access-control-allow-credentials");
        }
    }

    @Test
    void theOldListOfOriginsHolds() throws Exception {
        try (TestGateway gateway = serving("{allowOrigin: [\"https://app.example\"]}")) {
            assertThat(preflight(gateway, "https://app.example"))
                    .contains("\r\naccess-control-allow-origin: https://app.example\r\n");
            assertThat(upstream.connectionCount()).isZero();
            preflight(gateway, "https://other.example");
            assertThat(upstream.connectionCount()).isOne();
        }
    }

    @ParameterizedTest
    @CsvSource({"UNSPECIFIED, true", "FORWARD, true", "IGNORE, false"})
    void aPreflightOfAnotherOriginIsForwardedOrNot(String unmatched, boolean forwarded) throws Exception {
        try (TestGateway gateway = serving(STRICT + "\n    unmatchedPreflights: " + unmatched)) {
            String response = preflight(gateway, "https://other.example");

            assertThat(upstream.connectionCount()).isEqualTo(forwarded ? 1 : 0);
            assertThat(response).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("https://other.example");
            assertThat(response.contains("access-control-allow-origin")).isEqualTo(forwarded);
        }
    }

    @Test
    void optionsThatAreNoPreflightGoUpstream() throws Exception {
        try (TestGateway gateway = serving(STRICT)) {
            assertThat(ask(gateway, "OPTIONS", "Origin: https://app.example")).endsWith("hello");
            assertThat(ask(gateway, "OPTIONS", "Access-Control-Request-Method: GET"))
                    .endsWith("hello")
                    .contains("\r\naccess-control-allow-origin: *\r\n", "\r\nvary: origin\r\n");
        }
    }

    @Test
    void aScriptMayReadTheGatewaysOwnErrors() throws Exception {
        upstream.close();
        try (TestGateway gateway = serving(STRICT)) {
            assertThat(ask(gateway, "GET", "Origin: https://app.example"))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\naccess-control-allow-origin: https://app.example\r\n");
        }
    }

    /// Istio puts the fault in front of CORS.
    @Test
    void aFaultHitsPreflightsToo() throws Exception {
        try (TestGateway gateway =
                serving(STRICT + "\n  fault: {abort: {httpStatus: 500, percentage: {value: 100}}}")) {
            assertThat(preflight(gateway, "https://app.example"))
                    .startsWith("HTTP/1.1 500 ")
                    .doesNotContain("access-control");
        }
    }

    @Test
    void preflightsAndResponsesAreTheSameOverHttp2() throws Exception {
        try (TestGateway gateway =
                        TestGateway.serving(Yaml.httpGateway("*").replace("protocol: HTTP", "protocol: HTTP2")
                                + Yaml.service("shop.internal", upstream.port())
                                + route(STRICT));
                H2Client client = new H2Client(gateway.port(80))) {
            client.send(Frames.headers(
                    1,
                    true,
                    H2Client.request(
                            "OPTIONS",
                            "/cart",
                            "origin",
                            "https://app.example",
                            "access-control-request-method",
                            "PUT")));
            assertThat(client.answer(1).fields())
                    .startsWith(":status=200")
                    .contains(
                            "access-control-allow-origin=https://app.example",
                            "access-control-allow-methods=GET,PATCH",
                            "access-control-max-age=86400");
            assertThat(upstream.connectionCount()).isZero();

            client.send(Frames.headers(3, true, H2Client.request("GET", "/cart", "origin", "https://dev.example")));
            assertThat(client.answer(3).fields())
                    .startsWith(":status=200")
                    .contains(
                            "access-control-allow-origin=https://dev.example",
                            "access-control-expose-headers=x-total,x-page",
                            "vary=origin")
                    .doesNotContain("access-control-allow-origin=*");
        }
    }
}
