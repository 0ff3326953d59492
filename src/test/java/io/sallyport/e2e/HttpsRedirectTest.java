package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `httpsRedirect` of any server holds for its hosts, whichever other servers of the port offer them too.
class HttpsRedirectTest {
    private record Server(String gateway, String hosts, boolean redirects) {
        String yaml(int index) {
            return """
                      - port: {number: 80, name: http-%d, protocol: HTTP}
                        hosts: [%s]
                        tls: {httpsRedirect: %b}
                    """.formatted(index, hosts, redirects);
        }
    }

    private static Server plain(String gateway, String hosts) {
        return new Server(gateway, hosts, false);
    }

    private static Server redirecting(String gateway, String hosts) {
        return new Server(gateway, hosts, true);
    }

    /// @param service host and gateways of the VirtualService
    /// @param statuses by the request's host
    private record Case(List<Server> servers, List<String> service, Map<String, Integer> statuses) {
        /// The other order, of Gateways as well: they are sorted by name.
        Case reversed() {
            List<Server> exchanged = new ArrayList<>();
            servers.reversed()
                    .forEach(server ->
                            exchanged.add(new Server(exchanged(server.gateway), server.hosts, server.redirects)));
            return new Case(exchanged, List.of(service.getFirst(), exchanged(service.getLast())), statuses);
        }

        private static String exchanged(String gateways) {
            return gateways.replace('a', '-').replace('b', 'a').replace('-', 'b');
        }
    }

    private static Case of(List<Server> servers, List<String> service, Object... hostsAndStatuses) {
        Map<String, Integer> statuses = new LinkedHashMap<>();
        for (int i = 0; i < hostsAndStatuses.length; i += 2) {
            statuses.put((String) hostsAndStatuses[i], (Integer) hostsAndStatuses[i + 1]);
        }
        return new Case(servers, service, statuses);
    }

    static Stream<Case> cases() {
        String wild = "\"*.w.test\"";
        return Stream.of(
                of(
                        List.of(plain("a", "x.w.test"), redirecting("b", "x.w.test")),
                        List.of("x.w.test", "a, b"),
                        "x.w.test",
                        301,
                        "X.w.test.:80",
                        301,
                        "y.w.test",
                        404),
                of(
                        List.of(plain("a", "x.w.test"), redirecting("a", "x.w.test")),
                        List.of("x.w.test", "a"),
                        "x.w.test",
                        301),
                of(
                        List.of(plain("a", "x.w.test"), redirecting("b", "x.w.test")),
                        List.of("x.w.test", "a"),
                        "x.w.test",
                        301),
                of(
                        List.of(plain("a", "x.w.test"), redirecting("b", "\"default/x.w.test\"")),
                        List.of("x.w.test", "a"),
                        "x.w.test",
                        301),
                of(
                        List.of(plain("a", wild), redirecting("b", wild)),
                        List.of("x.w.test", "a"),
                        "x.w.test",
                        301,
                        "y.w.test",
                        301,
                        "w.test",
                        404),
                of(
                        List.of(plain("a", wild), redirecting("b", wild)),
                        List.of(wild, "a, b"),
                        "x.w.test",
                        301,
                        "a.b.w.test",
                        301),
                of(
                        List.of(plain("a", wild), redirecting("b", "x.w.test")),
                        List.of(wild, "a"),
                        "x.w.test",
                        301,
                        "y.w.test",
                        200),
                of(
                        List.of(plain("a", wild), redirecting("b", "x.w.test")),
                        List.of("\"*\"", "a, b"),
                        "x.w.test",
                        301,
                        "y.w.test",
                        200),
                of(
                        List.of(plain("a", "x.w.test"), redirecting("b", wild)),
                        List.of("x.w.test", "a, b"),
                        "x.w.test",
                        301),
                of(
                        List.of(plain("a", "\"*\""), redirecting("b", "\"*\"")),
                        List.of("x.w.test", "a"),
                        "x.w.test",
                        301,
                        "y.test",
                        301),
                // A host of its own, which no redirecting server names or admits, is plain on purpose.
                of(
                        List.of(plain("a", "x.w.test"), redirecting("b", wild)),
                        List.of("x.w.test", "a"),
                        "x.w.test",
                        200,
                        "y.w.test",
                        301));
    }

    private static String yaml(Case tried) {
        StringBuilder yaml = new StringBuilder();
        for (String gateway : List.of("a", "b")) {
            StringBuilder of = new StringBuilder();
            for (Server server : tried.servers) {
                of.append(server.gateway.equals(gateway) ? server.yaml(tried.servers.indexOf(server)) : "");
            }
            if (!of.isEmpty()) {
                yaml.append("""
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: %s}
                        spec:
                          servers:
                        %s---
                        """.formatted(gateway, of));
            }
        }
        return yaml + """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: it}
                spec:
                  hosts: [%s]
                  gateways: [%s]
                  http: [{directResponse: {status: 200}}]
                """.formatted(tried.service.getFirst(), tried.service.getLast());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anyServersRedirectWins(Case tried) throws IOException {
        check(tried);
        check(tried.reversed());
    }

    private static void check(Case tried) throws IOException {
        String yaml = yaml(tried);
        Map<String, Integer> answered = new LinkedHashMap<>();
        try (TestGateway gateway = TestGateway.serving(yaml)) {
            for (String host : tried.statuses.keySet()) {
                String response = RawClient.exchange(
                        gateway.port(80), "GET /p HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
                answered.put(host, Integer.parseInt(response.split(" ", 3)[1]));
            }
        }
        assertThat(answered).as(yaml).isEqualTo(tried.statuses);
    }
}
