package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a request's route is called (`%ROUTE_NAME%`): by its own name, and that of the match.
class RouteNameTest {
    private static final String ROUTES = """
            - name: shop
              match: [{name: cart, uri: {prefix: /cart}}, {uri: {prefix: /shop}}]
              route: [{destination: {host: up.internal}}]
            - match: [{name: only, uri: {prefix: /only}}]
              route: [{destination: {host: up.internal}}]
            - name: root
              match: [{name: outer, uri: {prefix: /to}}]
              delegate: {name: inner}
            - match: [{name: answer, uri: {prefix: /answer}}]
              directResponse: {status: 204}
            - match: [{uri: {prefix: /nameless}}]
              directResponse: {status: 204}
            """;

    private static final String DELEGATE = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: inner}
            spec:
              http:
              - name: leaf
                match: [{name: near, uri: {prefix: /to/near}}]
                directResponse: {status: 204}
              - match: [{uri: {prefix: /to/far}}]
                directResponse: {status: 204}
            """;

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "/cart, shop.cart",
                "/shop, shop",
                "/only, .only",
                "/to/near, root-leaf.outer-near",
                "/to/far, root.outer",
                "/answer, .answer",
                "/nameless, -",
            })
    void aRouteIsCalledByItsMatchToo(String path, String name) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.virtualService("shop.example", ROUTES)
                        + "---\n"
                        + DELEGATE)) {
            RawClient.exchange(
                    gateway.port(80), "GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");

            assertThat(gateway.firstFacts().routeName).isEqualTo(name);
        }
    }
}
