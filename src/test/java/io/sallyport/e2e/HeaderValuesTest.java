package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Envoy's command operators in the values that VirtualServices set and add, over both versions of HTTP.
class HeaderValuesTest {
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

    private RawUpstream service() throws IOException {
        return RawUpstream.start(connection -> {
            for (String request = connection.readRequest(); request != null; request = connection.readRequest()) {
                requests.add(request);
                connection.write("HTTP/1.1 201 Created\r\ncontent-length: 2\r\nx-shop: seven\r\n\r\nok");
            }
        });
    }

    private static String configuration(int port, String http) {
        return Yaml.httpGateway("*") + Yaml.service("shop.internal", port) + Yaml.virtualService("shop.example", http);
    }

    /// @return the response's fields and `:status`
    private static Map<String, String> get(int version, TestGateway gateway, String... fields) throws IOException {
        Map<String, String> found = new LinkedHashMap<>();
        if (version == 2) {
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
                Http2Headers head = client.get("http", "shop.example", "/cart?q=1", fields);
                head.forEach(field ->
                        found.put(field.getKey().toString(), field.getValue().toString()));
            }
            return found;
        }
        var request = new StringBuilder("GET /cart?q=1 HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n");
        for (int i = 0; i < fields.length; i += 2) {
            request.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
        }
        List<String> lines =
                RawClient.exchange(gateway.port(80), request + "\r\n").lines().toList();
        found.put(":status", lines.getFirst().split(" ", 3)[1]);
        lines.stream()
                .skip(1)
                .takeWhile(line -> !line.isEmpty())
                .forEach(line -> found.put(
                        line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT),
                        line.substring(line.indexOf(':') + 1).strip()));
        return found;
    }

    private Map<String, String> sent() throws InterruptedException {
        String request = requests.poll(10, TimeUnit.SECONDS);
        assertThat(request).isNotNull();
        Map<String, String> found = new LinkedHashMap<>();
        request.lines()
                .skip(1)
                .filter(line -> line.contains(":"))
                .forEach(line -> found.merge(
                        line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT),
                        line.substring(line.indexOf(':') + 1).strip(),
                        (one, other) -> one + "|" + other));
        return found;
    }

    /// Whatever the names, and whether the route or its destination says it.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void valuesAreMadeOfTheFieldsAsTheyCame(int version) throws Exception {
        String http = """
                - headers:
                    request:
                      set: {x-b: "%REQ(X-A)%", x-a: new, x-0: "%REQ(X-A)%"}
                      add: {x-c: "<%REQ(X-A)%>"}
                    response:
                      set: {y-z: "%RESP(X-SHOP)%", x-shop: changed}
                  route:
                  - destination: {host: shop.internal}
                    headers:
                      request:
                        set: {x-a: newer}
                        add: {x-d: "[%REQ(X-A)%]"}
                """;
        try (RawUpstream upstream = service();
                TestGateway gateway = TestGateway.serving(configuration(upstream.port(), http))) {
            Map<String, String> response = get(version, gateway, "x-a", "old");

            assertThat(sent())
                    .containsEntry("x-a", "newer")
                    .containsEntry("x-b", "old")
                    .containsEntry("x-0", "old")
                    .containsEntry("x-c", "<old>")
                    .containsEntry("x-d", "[old]");
            assertThat(response).containsEntry("y-z", "seven").containsEntry("x-shop", "changed");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void operatorsStandForWhatIsKnownOfTheRequest(int version) throws Exception {
        String http = """
                - headers:
                    request:
                      set:
                        x-protocol: "%PROTOCOL% 100%%"
                        x-client: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
                        x-copy: "<%REQ(x-none?x-user):3%>"
                        x-own: "%REQ(x-none)%"
                        x-blank: "%REQ(x-none)% a %UPSTREAM_HOST% "
                        x-literal: ü
                        x-both: "ü%REQ(x-user)%"
                      add: {x-user: "%REQ(:path)%", x-none-added: "%RESP(x-shop)%%DURATION%%EMIT_TIME%%TRAILER(a)%%COMMON_DURATION(DS_RX_BEG:DS_TX_END:ms)%"}
                      remove: [x-gone]
                    response:
                      set: {x-shop: "%RESP(x-shop)% of %REQ(x-user)%"}
                      add: {x-code: "%RESPONSE_CODE% %RESPONSE_FLAGS% %UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"}
                  route: [{destination: {host: shop.internal}, headers: {request: {set: {x-gone-too: "%REQ(x-gone)%"}}}}]
                """;
        try (RawUpstream service = service();
                TestGateway gateway = TestGateway.serving(configuration(service.port(), http))) {
            Map<String, String> response =
                    get(version, gateway, "x-user", "anna", "x-own", "forged", "x-gone", "a", "x-gone-too", "forged");

            assertThat(sent())
                    .containsEntry("x-protocol", (version == 2 ? "HTTP/2" : "HTTP/1.1") + " 100%")
                    .containsEntry("x-client", "127.0.0.1")
                    .containsEntry("x-copy", "<ann>")
                    .containsEntry("x-blank", "a")
                    .containsEntry("x-both", "\u00c3\u00bcanna")
                    .containsEntry("x-user", "anna|/cart?q=1")
                    .doesNotContainKeys("x-own", "x-none-added", "x-gone", "x-gone-too");
            assertThat(response)
                    .containsEntry(":status", "201")
                    .containsEntry("x-shop", "seven of anna")
                    .containsEntry("x-code", "201 - 127.0.0.1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void soDoThoseOfTheGatewaysOwnAnswers(int version) throws Exception {
        String direct = """
                - match: [{uri: {prefix: /cart}}]
                  directResponse: {status: 299}
                  headers: {response: {set: {x-at: "%START_TIME(%Y)% %REQ(:authority)%"}}}
                """;
        String redirect = """
                - match: [{uri: {prefix: /cart}}]
                  redirect: {uri: /other}
                  headers: {response: {add: {x-at: "%REQ(:method)% %TRACE_ID%"}}}
                """;
        try (TestGateway gateway = TestGateway.serving(configuration(1, direct))) {
            assertThat(get(version, gateway).get("x-at")).matches("20\\d\\d shop.example");
        }
        try (TestGateway gateway = TestGateway.serving(configuration(1, redirect))) {
            assertThat(get(version, gateway)).containsEntry(":status", "301").containsEntry("x-at", "GET");
        }
    }

    /// The log goes on as usual where no format is set for it.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void factsAreLoggedAsUsual(int version) throws Exception {
        String http = "- headers: {request: {set: {x-a: \"%DOWNSTREAM_TLS_VERSION%\"}}}\n"
                + "  route: [{destination: {host: shop.internal}}]\n";
        try (RawUpstream service = service();
                TestGateway gateway = TestGateway.serving(configuration(service.port(), http))) {
            get(version, gateway);
            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.status).isEqualTo(201);
            assertThat(facts.log == null || facts.log.plan == null).isTrue();
        }
    }

    /// White space within what a client sends stays; bytes that no field may have never come in.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatAClientSendsCannotMakeAnotherField(int version) throws Exception {
        String http =
                "- headers: {request: {set: {x-a: \"%REQ(x-user)%\"}}, response: {set: {x-b: \"%REQ(x-user)%\"}}}\n"
                        + "  route: [{destination: {host: shop.internal}}]\n";
        try (RawUpstream service = service();
                TestGateway gateway = TestGateway.serving(configuration(service.port(), http))) {
            Map<String, String> response = get(version, gateway, "x-user", "a\tb: c, \"\u00ff%PROTOCOL%");
            assertThat(sent()).containsEntry("x-a", "a\tb: c, \"\u00ff%PROTOCOL%");
            assertThat(response).containsEntry("x-b", "a\tb: c, \"\u00ff%PROTOCOL%");
        }
    }
}
