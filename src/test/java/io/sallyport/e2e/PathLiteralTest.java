package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Literals in matches are compared in the form that requests' paths are given, however they are spelled.
class PathLiteralTest {
    /// @param match the condition on the path
    /// @param target of the request
    /// @param holds whether the condition holds
    private record Case(String match, String target, boolean holds) {}

    private static final List<Case> CASES = List.of(
            new Case("uri: {exact: //adm}", "//adm", true),
            new Case("uri: {exact: //adm}", "/adm", true),
            new Case("uri: {exact: /a%7Eb}", "/a%7eb", true),
            new Case("uri: {exact: /a%7Eb}", "/a~b", true),
            new Case("uri: {exact: '/x%e2%80%93'}", "/x%E2%80%93", true),
            new Case("uri: {exact: '/x–'}", "/x%e2%80%93", true),
            new Case("uri: {exact: '/a|b'}", "/a|b", true),
            new Case("uri: {exact: '/a b'}", "/a%20b", true),
            new Case("uri: {exact: '/%61dm'}", "/adm", true),
            new Case("uri: {exact: /a%2fb}", "/a%2Fb", true),
            new Case("uri: {exact: /a%2fb}", "/a/b", false),
            new Case("uri: {exact: /a%252fb}", "/a%252fb", true),
            new Case("uri: {exact: /a/../b}", "/b", true),
            new Case("uri: {exact: /a/.}", "/a/", true),
            new Case("uri: {exact: /a/..}", "/", true),
            new Case("uri: {exact: /A%7EB}, ignoreUriCase: true", "/a~b", true),
            new Case("uri: {exact: '/b?x=1'}", "/b?x=1", false),
            new Case("uri: {exact: ''}", "/", false),
            new Case("uri: {prefix: /a/../b}", "/b/c", true),
            new Case("uri: {prefix: //adm}", "/adm/x", true),
            new Case("uri: {prefix: /a%7E}", "/a~b", true),
            new Case("uri: {prefix: /a//}", "/a/b", true),
            new Case("uri: {prefix: /a//}", "/ab", false),
            new Case("uri: {prefix: /x%e2%80}", "/x%E2%80%93", true),
            new Case("uri: {prefix: /x%e}", "/x%E2%80%93", true),
            new Case("uri: {prefix: '/a|'}", "/a%7cb", true),
            new Case("uri: {prefix: /.}", "/.well-known/x", true),
            new Case("uri: {prefix: /.}", "/x", false),
            new Case("uri: {prefix: /a/..}", "/a/..b", true),
            new Case("uri: {prefix: /a/..}", "/x", false),
            new Case("uri: {prefix: /a/%2e%2e}", "/a/..b", true),
            new Case("uri: {prefix: ''}", "/x", true),
            new Case("uri: {prefix: /}", "/x", true),
            new Case("uri: {prefix: adm}", "/adm", false),
            new Case("uri: {prefix: /a%2f}", "/a%2Fb", true),
            new Case("uri: {regex: //adm}", "//adm", false),
            new Case("uri: {regex: /a%7Eb}", "/a%7Eb", false),
            new Case("uri: {regex: /adm}", "//adm", true),
            new Case("queryParams: {q: {exact: /a%7Eb}}", "/?q=/a%7Eb", true),
            new Case("queryParams: {q: {exact: /a%7Eb}}", "/?q=/a~b", false));

    private static MatchGateway gateway;

    @BeforeAll
    static void start() {
        StringBuilder routes = new StringBuilder();
        for (int i = 0; i < CASES.size(); i++) {
            routes.append("  - match: [{headers: {x-case: {exact: case%d}}, %s}]\n"
                            .formatted(i, CASES.get(i).match()))
                    .append("    directResponse: {status: 204}\n");
        }
        gateway = new MatchGateway(routes.toString());
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    static List<Case> cases() {
        return CASES;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isComparedAsRequestsAre(Case each) throws Exception {
        var request = new MatchGateway.Request("GET", each.target(), "shop.example", "case" + CASES.indexOf(each));
        assertThat(gateway.statuses(request)).containsOnly(each.holds() ? "204" : "404");
    }

    @Test
    void aRewriteTakesAwayWhatWasMatched() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway rewriting = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.virtualService("shop.example", """
                                - match: [{uri: {prefix: /old/../a%7Eb/}}]
                                  rewrite: {uri: /x/}
                                  route: [{destination: {host: up.internal}}]
                                - match: [{uri: {prefix: //moved%2f}}]
                                  redirect: {uri: /, authority: new.example}
                                - match: [{uri: {exact: '/a|c'}}]
                                  rewrite: {uri: /exact}
                                  route: [{destination: {host: up.internal}}]
                                """))) {
            assertThat(get(rewriting, "/a~b/c%2fd?q")).startsWith("HTTP/1.1 200");
            assertThat(upstream.received()).startsWith("GET /x/c%2Fd?q HTTP/1.1\r\n");
            assertThat(get(rewriting, "/a%7Cc")).startsWith("HTTP/1.1 200");
            assertThat(upstream.connections().getLast().received()).contains("GET /exact HTTP/1.1\r\n");
            assertThat(get(rewriting, "/moved%2Fx")).contains("location: http://new.example/");
        }
    }

    @Test
    void aDelegateLiesWithinItsRootInWhateverSpelling() throws Exception {
        try (TestGateway delegating =
                TestGateway.serving(Yaml.httpGateway("*") + Yaml.virtualService("shop.example", """
                        - match: [{uri: {prefix: //adm}, authority: {exact: SHOP.example}}]
                          delegate: {name: inner}
                        """) + """
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: inner}
                        spec:
                          http:
                          - match: [{uri: {prefix: /x/../adm/%7E}, authority: {exact: shop.example}}]
                            directResponse: {status: 204}
                          - match: [{uri: {prefix: /adm/../out}}]
                            directResponse: {status: 205}
                          - match: [{uri: {prefix: /}}]
                            directResponse: {status: 206}
                        """)) {
            assertThat(get(delegating, "/adm/~me")).startsWith("HTTP/1.1 204");
            assertThat(get(delegating, "/adm/x")).startsWith("HTTP/1.1 404");
            assertThat(get(delegating, "/out")).startsWith("HTTP/1.1 404");
        }
    }

    /// Mesh clients' slashes are not merged, so neither are those that are compared with them.
    @Test
    void theMeshListenerHasItsOwnForm() throws Exception {
        try (TestGateway mesh =
                TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: cases}
                spec:
                  hosts: [api.example]
                  http:
                  - match: [{uri: {exact: /a/..//b%7e}}]
                    directResponse: {status: 204}
                """)) {
            int port = mesh.port(TestGateway.MESH_PORT);
            String request = "GET http://api.example%s HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n";
            assertThat(RawClient.exchange(port, request.formatted("//b~"))).startsWith("HTTP/1.1 204");
            assertThat(RawClient.exchange(port, request.formatted("/b~"))).startsWith("HTTP/1.1 404");
        }
    }

    private static String get(TestGateway from, String target) throws Exception {
        return RawClient.exchange(
                from.port(80), "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    }
}
