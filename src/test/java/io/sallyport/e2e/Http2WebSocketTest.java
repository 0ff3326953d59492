package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.sallyport.http.WebSocketHandshake;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.Http2WebSocketClient;
import io.sallyport.testing.Http2WebSocketClient.WebSocketStream;
import io.sallyport.testing.Http2WebSocketUpstream;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.WebSocketRecorder;
import io.sallyport.testing.WebSocketUpstream;
import io.sallyport.testing.WebSocketUpstream.Frame;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// WebSockets where one side or both speak HTTP/2 (RFC 8441).
class Http2WebSocketTest {
    private static final String HANDSHAKE =
            " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final Issued CERTIFICATE =
            AUTHORITY.leaf("edge").dns("localhost").issue();

    /// How the gateway is ordered to speak with the endpoint.
    enum Endpoint {
        HTTP1("HTTP", ""),
        HTTP2("HTTP2", ""),
        GRPC("GRPC", ""),
        HTTP2_TLS("HTTP2", "tls: {mode: SIMPLE, insecureSkipVerify: true}"),
        UPGRADED("HTTP", "connectionPool: {http: {h2UpgradePolicy: UPGRADE}}"),
        ALPN(
                "HTTP",
                "connectionPool: {http: {h2UpgradePolicy: UPGRADE}}, tls: {mode: SIMPLE, insecureSkipVerify: true}");

        final String protocol;
        final String policy;

        Endpoint(String protocol, String policy) {
            this.protocol = protocol;
            this.policy = policy;
        }

        String destinationRule() {
            return policy.isEmpty() ? "" : """
                    apiVersion: networking.istio.io/v1
                    kind: DestinationRule
                    metadata: {name: up}
                    spec: {host: up.internal, trafficPolicy: {%s}}
                    ---
                    """.formatted(policy);
        }

        Http2WebSocketUpstream start(boolean announces) {
            return policy.contains("tls:")
                    ? Http2WebSocketUpstream.startTls(announces, CERTIFICATE)
                    : Http2WebSocketUpstream.start(announces);
        }
    }

    private static TestGateway gateway(Endpoint endpoint, int port) {
        return gateway(endpoint, port, "- route: [{destination: {host: up.internal, port: {number: 80}}}]");
    }

    private static TestGateway gateway(Endpoint endpoint, int port, String routes) {
        return TestGateway.builder()
                .secret("edge", CERTIFICATE)
                .start(TlsForwardingTest.gateway("""
                          - port: {number: 80, name: http, protocol: HTTP}
                            hosts: ["*"]
                        """ + TlsForwardingTest.tlsServer("*", "edge", 443))
                        + Yaml.service("up.internal", endpoint.protocol, port)
                        + endpoint.destinationRule()
                        + Yaml.virtualService("*", routes));
    }

    private static Http2WebSocketClient client(TestGateway gateway, boolean tls) {
        return tls
                ? Http2WebSocketClient.tls(gateway.port(443), AUTHORITY)
                : Http2WebSocketClient.plain(gateway.port(80));
    }

    private static void awaitNothingInUse(TestGateway gateway) {
        await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
    }

    private static byte[] large() {
        byte[] large = new byte[3 << 20];
        new Random(1).nextBytes(large);
        return large;
    }

    static Stream<Arguments> ways() {
        List<Arguments> ways = new ArrayList<>();
        for (Endpoint endpoint : Endpoint.values()) {
            ways.add(Arguments.of(endpoint, false));
            ways.add(Arguments.of(endpoint, true));
        }
        return ways.stream();
    }

    @ParameterizedTest(name = "client over HTTP/2, TLS {1}, endpoint {0}")
    @MethodSource("ways")
    void messagesPassBothWaysForClientsOverHttp2(Endpoint endpoint, boolean tls) throws Exception {
        byte[] large = large();
        try (AutoCloseable upstream = echo(endpoint);
                TestGateway gateway = gateway(endpoint, port(upstream));
                Http2WebSocketClient client = client(gateway, tls)) {
            assertThat(client.settings().connectProtocolEnabled()).isTrue();
            WebSocketStream socket = client.open("localhost", "/chat?room=1");

            assertThat(socket.status()).isEqualTo("200");
            assertThat(socket.head().contains("sec-websocket-accept")).isFalse();
            socket.text("hello");
            assertThat(socket.message()).isEqualTo("hello");
            socket.binary(large);
            assertThat(socket.message()).isEqualTo(large);
            socket.closing(4001);
            assertThat((byte[]) socket.message()).startsWith(0x0f, 0xa1);
            socket.finish();

            assertThat(socket.end()).isEqualTo("end");
            awaitNothingInUse(gateway);
            await().untilAsserted(
                            () -> assertThat(gateway.facts()).singleElement().satisfies(facts -> {
                                assertThat(facts.status).isEqualTo(101);
                                assertThat(facts.method).isEqualTo("GET");
                                assertThat(facts.bytesReceived).isGreaterThan(large.length);
                                assertThat(facts.bytesSent).isGreaterThan(large.length);
                            }));
        }
    }

    /// The JDK's client checks the gateway's `sec-websocket-accept`.
    @ParameterizedTest(name = "client over HTTP/1.1, TLS {1}, endpoint {0}")
    @MethodSource("ways")
    void messagesPassBothWaysForClientsOverHttp1(Endpoint endpoint, boolean tls) throws Exception {
        byte[] large = large();
        try (AutoCloseable upstream = echo(endpoint);
                TestGateway gateway = gateway(endpoint, port(upstream));
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(TlsClients.of(null, AUTHORITY))
                        .build()) {
            WebSocketRecorder received = new WebSocketRecorder();
            URI uri = tls
                    ? URI.create("wss://localhost:" + gateway.port(443) + "/chat?room=1")
                    : URI.create("ws://localhost:" + gateway.port(80) + "/chat?room=1");
            WebSocket socket =
                    client.newWebSocketBuilder().buildAsync(uri, received).join();

            socket.sendText("hello", true).join();
            assertThat(received.message()).isEqualTo("hello");
            socket.sendBinary(ByteBuffer.wrap(large), true).join();
            assertThat(received.message()).isEqualTo(large);
            socket.sendClose(4001, "done").join();
            assertThat(received.closeStatus()).isEqualTo(4001);

            awaitNothingInUse(gateway);
            await().untilAsserted(() -> assertThat(gateway.facts())
                    .singleElement()
                    .satisfies(facts -> assertThat(facts.status).isEqualTo(101)));
        }
    }

    private static AutoCloseable echo(Endpoint endpoint) {
        return endpoint == Endpoint.HTTP1 ? WebSocketUpstream.echo() : endpoint.start(true);
    }

    private static int port(AutoCloseable upstream) {
        return upstream instanceof WebSocketUpstream http1 ? http1.port() : ((Http2WebSocketUpstream) upstream).port();
    }

    @Test
    void whatAnHttp2EndpointIsSentHasNeitherKeyNorConnectionFields() throws Exception {
        try (Http2WebSocketUpstream upstream = Http2WebSocketUpstream.start(true);
                TestGateway gateway = gateway(Endpoint.HTTP2, upstream.port());
                RawClient http1 = new RawClient(gateway.port(80));
                Http2WebSocketClient http2 = client(gateway, false)) {
            String head =
                    http1.send("GET /chat" + HANDSHAKE.replace("\r\n\r\n", """
                            \r
                            Sec-WebSocket-Protocol: chat.v1, chat.v2\r
                            Sec-WebSocket-Extensions: permessage-deflate\r
                            Content-Length: 0\r
                            Connection: x-hop\r
                            X-Hop: 1\r
                            \r
                            """)).readHead();
            assertThat(head)
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                    .contains("sec-websocket-protocol: chat.v2\r\n")
                    .contains("connection: upgrade\r\nupgrade: websocket\r\n");
            WebSocketStream socket = http2.open(
                    "localhost",
                    "/chat",
                    "sec-websocket-protocol",
                    "chat.v1, chat.v2",
                    "sec-websocket-extensions",
                    "permessage-deflate",
                    "sec-websocket-key",
                    "of no use");
            assertThat(socket.head().get("sec-websocket-protocol")).hasToString("chat.v2");

            assertThat(upstream.heads()).hasSize(2).allSatisfy(sent -> assertThat(sent)
                    .startsWith(":method: CONNECT\n:protocol: websocket\n:scheme: http\n:path: /chat\n")
                    .contains(":authority: localhost\n")
                    .contains("sec-websocket-version: 13\n")
                    .contains("sec-websocket-protocol: chat.v1, chat.v2\n")
                    .contains("sec-websocket-extensions: permessage-deflate\n")
                    .contains("x-forwarded-for: 127.0.0.1\n")
                    .contains("x-request-id: ")
                    .doesNotContain("sec-websocket-key", "content-length", "upgrade:", "connection:", "x-hop"));
        }
    }

    @Test
    void anHttp1EndpointIsSentAKeyOfTheGatewaysOwnEachTime() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port());
                Http2WebSocketClient client = client(gateway, false)) {
            for (int i = 0; i < 2; i++) {
                WebSocketStream socket =
                        client.open("localhost", "/chat", "sec-websocket-key", "bm90IHRoZSBnYXRld2F5cw==");
                assertThat(socket.status()).isEqualTo("403");
                assertThat(socket.body()).isEqualTo("no");
            }

            assertThat(upstream.received())
                    .contains("GET /chat HTTP/1.1\r\n", "connection: upgrade\r\nupgrade: websocket\r\n")
                    .contains("sec-websocket-version: 13\r\n", "host: localhost\r\n")
                    .doesNotContain("bm90IHRoZSBnYXRld2F5cw==", ":protocol", "content-length");
            List<String> keys = upstream.received()
                    .lines()
                    .filter(line -> line.startsWith("sec-websocket-key: "))
                    .map(line -> line.substring("sec-websocket-key: ".length()))
                    .toList();
            assertThat(keys).hasSize(2).doesNotHaveDuplicates();
            assertThat(keys).allMatch(key -> Base64.getDecoder().decode(key).length == 16);
            awaitNothingInUse(gateway);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            wrong accept     | 101 | Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= | websocket.accept
            no accept        | 101 | X-None: 1                                          | websocket.accept
            a plain success  | 200 | Content-Length: 0                                  | upgrade_not_accepted
            with content     | 201 | Transfer-Encoding: chunked                         | upgrade_not_accepted
            nothing          | 204 | X-None: 1                                          | upgrade_not_accepted
            """)
    void anHttp1EndpointThatDoesNotSwitchIsABadGateway(String name, int status, String field, String details)
            throws Exception {
        String answer = (status == 101 ? SWITCHED : "HTTP/1.1 " + status + " OK\r\n") + field + "\r\n\r\n";
        try (RawUpstream upstream = RawUpstream.answering(answer);
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port());
                Http2WebSocketClient client = client(gateway, false)) {
            WebSocketStream socket = client.open("localhost", "/");

            assertThat(socket.status()).as(name).isEqualTo("502");
            assertThat(gateway.firstFacts().details).isEqualTo(details);
            assertThat(gateway.firstFacts().flag).isEqualTo(ResponseFlag.UPE);
            awaitNothingInUse(gateway);
        }
    }

    /// The key is answered as it must be; what else the 101 has decides.
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            Connection: Upgrade                                | 200 |
            Connection: keep-alive, upgrade                    | 200 |
            X-None: 1                                          | 502 | websocket.connection
            Connection: keep-alive                             | 502 | websocket.connection
            Connection: Upgrade; Content-Length: 5             | 502 | websocket.switch_with_content
            Connection: Upgrade; Content-Length: 0             | 502 | websocket.switch_with_content
            Connection: Upgrade; Transfer-Encoding: chunked    | 502 | websocket.switch_with_content
            Connection: Upgrade; Transfer-Encoding: gzip       | 502 | websocket.switch_with_content
            """)
    void theSwitchOfAnHttp1EndpointIsCheckedAsAWebSocketsClientMust(String fields, String status, String details)
            throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    String head = connection.readHead();
                    int key = head.indexOf("sec-websocket-key: ") + "sec-websocket-key: ".length();
                    AsciiString accept =
                            WebSocketHandshake.accept(AsciiString.of(head.substring(key, head.indexOf("\r\n", key))));
                    connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                            + accept + "\r\n" + fields.replace("; ", "\r\n") + "\r\n\r\n");
                    connection.read();
                });
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port());
                Http2WebSocketClient client = client(gateway, false)) {
            WebSocketStream socket = client.open("localhost", "/");

            assertThat(socket.status()).isEqualTo(status);
            if (details == null) {
                socket.finish();
            } else {
                assertThat(gateway.firstFacts().details).isEqualTo(details);
                assertThat(gateway.firstFacts().flag).isEqualTo(ResponseFlag.UPE);
            }
            awaitNothingInUse(gateway);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Endpoint.class, names = "HTTP1", mode = EnumSource.Mode.EXCLUDE)
    void anEndpointThatHasNotAnnouncedItIsNotAskedAndTheClientHearsAtOnce(Endpoint endpoint) throws Exception {
        try (Http2WebSocketUpstream upstream = endpoint.start(false);
                TestGateway gateway = gateway(endpoint, upstream.port());
                RawClient http1 = new RawClient(gateway.port(80));
                Http2WebSocketClient http2 = client(gateway, false)) {
            for (int i = 0; i < 2; i++) {
                assertThat(http1.send("GET /chat" + HANDSHAKE).readResponse()).startsWith("HTTP/1.1 502 ");
                assertThat(http2.open("localhost", "/chat").status()).isEqualTo("502");
            }
            assertThat(http1.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").readHead())
                    .startsWith("HTTP/1.1 200 ");

            assertThat(upstream.heads()).singleElement().asString().startsWith(":method: GET\n");
            await().until(() -> gateway.facts().size() == 5);
            assertThat(gateway.facts())
                    .filteredOn(facts -> facts.status == 502)
                    .hasSize(4)
                    .allSatisfy(facts -> {
                        assertThat(facts.flag).isEqualTo(ResponseFlag.UPE);
                        assertThat(facts.details).isEqualTo("http2.extended_connect_not_announced");
                    });
            awaitNothingInUse(gateway);
        }
    }

    /// The endpoint is there and takes WebSockets, but never one now.
    @ParameterizedTest(name = "route timeout {0}")
    @CsvSource({"60s, 503, UF, upstream_connect_timeout", "200ms, 504, UT, upstream_response_timeout"})
    void anEndpointThatAllowsNoStreamIsWaitedForNoLongerThanAConnection(
            String timeout, String status, ResponseFlag flag, String details) throws Exception {
        String connect = timeout.equals("60s") ? "500ms" : "60s";
        try (Http2WebSocketUpstream upstream = Http2WebSocketUpstream.allowing(0);
                TestGateway gateway = TestGateway.builder()
                        .start(Yaml.httpGateway("*")
                                + Yaml.service("up.internal", "HTTP2", upstream.port())
                                + """
                                apiVersion: networking.istio.io/v1
                                kind: DestinationRule
                                metadata: {name: up}
                                spec:
                                  host: up.internal
                                  trafficPolicy: {connectionPool: {tcp: {connectTimeout: %s, maxConnections: 1}}}
                                ---
                                """.formatted(connect)
                                + Yaml.virtualService("*", """
                                - route: [{destination: {host: up.internal, port: {number: 80}}}]
                                  retries: {attempts: 0}
                                  timeout: %s
                                """.formatted(timeout)));
                RawClient http1 = new RawClient(gateway.port(80));
                Http2WebSocketClient http2 = client(gateway, false)) {
            assertThat(http1.send("GET /chat" + HANDSHAKE).readResponse()).startsWith("HTTP/1.1 " + status + " ");
            assertThat(http2.open("localhost", "/chat").status()).isEqualTo(status);

            await().until(() -> gateway.facts().size() == 2);
            assertThat(gateway.facts()).allSatisfy(facts -> {
                assertThat(facts.flag).isEqualTo(flag);
                assertThat(facts.details).isEqualTo(details);
            });
            assertThat(upstream.heads()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Endpoint.class,
            names = {"HTTP2", "HTTP2_TLS"})
    void aRefusalPassesAsItIs(Endpoint endpoint) throws Exception {
        try (Http2WebSocketUpstream upstream = endpoint.start(true);
                TestGateway gateway = gateway(endpoint, upstream.port());
                RawClient http1 = new RawClient(gateway.port(80));
                Http2WebSocketClient http2 = client(gateway, false)) {
            assertThat(http1.send("GET /refuse" + HANDSHAKE).readHead()).startsWith("HTTP/1.1 403 Forbidden\r\n");
            WebSocketStream socket = http2.open("localhost", "/refuse");
            assertThat(socket.status()).isEqualTo("403");
            assertThat(socket.body()).isEqualTo("no");

            awaitNothingInUse(gateway);
            await().until(() -> upstream.openStreams() == 0);
        }
    }

    @Test
    void anHttp2EndpointMayEndItsSideFirst() throws Exception {
        try (Http2WebSocketUpstream upstream = Http2WebSocketUpstream.start(true);
                TestGateway gateway = gateway(Endpoint.HTTP2, upstream.port());
                RawClient http1 = new RawClient(gateway.port(80));
                Http2WebSocketClient http2 = client(gateway, false)) {
            WebSocketStream socket = http2.open("localhost", "/bye");
            assertThat(socket.message()).isEqualTo("bye");
            assertThat(socket.end()).isEqualTo("end");
            socket.text("the other side is still open");
            socket.finish();
            assertThat(upstream.nextEnd()).isEqualTo("end");

            assertThat(http1.send("GET /bye" + HANDSHAKE).readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(http1.readToEnd()).isEqualTo("\u0081\u0003bye");
            http1.close();
            assertThat(upstream.nextEnd()).isIn("end", "reset 8");
            awaitNothingInUse(gateway);
        }
    }

    @Test
    void anHttp1EndpointMayEndItsSideFirst() throws Exception {
        try (WebSocketUpstream upstream = WebSocketUpstream.start(connection ->
                        connection.writeFrame(new Frame(true, WebSocketUpstream.TEXT, "welcome".getBytes())));
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port());
                Http2WebSocketClient client = client(gateway, true)) {
            WebSocketStream socket = client.open("localhost", "/");

            assertThat(socket.message()).isEqualTo("welcome");
            assertThat(socket.end()).isEqualTo("end");
            socket.finish();
            awaitNothingInUse(gateway);
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void aClientMayEndItsSideAndStillReceive() throws Exception {
        BlockingQueue<Integer> reads = new LinkedBlockingQueue<>();
        try (WebSocketUpstream upstream = WebSocketUpstream.start(connection -> {
                    reads.add(connection.read(new byte[1]));
                    connection.writeFrame(new Frame(true, WebSocketUpstream.TEXT, "after".getBytes()));
                });
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port());
                Http2WebSocketClient client = client(gateway, false)) {
            WebSocketStream late = client.open("localhost", "/");
            assertThat(late.status()).isEqualTo("200");
            late.finish();
            assertThat(late.message()).isEqualTo("after");
            assertThat(late.end()).isEqualTo("end");

            WebSocketStream early = client.open(head("/", "websocket"), true);
            assertThat(early.message()).isEqualTo("after");
            assertThat(early.end()).isEqualTo("end");

            assertThat(reads).containsExactly(-1, -1);
            awaitNothingInUse(gateway);
        }
    }

    private static Http2Headers head(String path, String protocol) {
        return new DefaultHttp2Headers()
                .method("CONNECT")
                .scheme("http")
                .authority("localhost")
                .path(path)
                .add(":protocol", protocol)
                .add("sec-websocket-version", "13");
    }

    @Test
    void aStreamThatTheEndpointResetsIsReset() throws Exception {
        try (Http2WebSocketUpstream upstream = Http2WebSocketUpstream.start(true);
                TestGateway gateway = gateway(Endpoint.HTTP2, upstream.port());
                RawClient http1 = new RawClient(gateway.port(80));
                Http2WebSocketClient http2 = client(gateway, false)) {
            WebSocketStream socket = http2.open("localhost", "/reset");
            socket.text("x");
            assertThat(socket.end()).isEqualTo("reset 8");
            assertThat(http1.send("GET /reset" + HANDSHAKE).readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(http1.send("\u0081\u0081\0\0\0\0x").readToEnd()).isEmpty();

            awaitNothingInUse(gateway);
            assertThat(http2.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatResetsOrVanishesIsPassedOn(boolean vanishes) throws Exception {
        try (Http2WebSocketUpstream upstream = Http2WebSocketUpstream.start(true);
                TestGateway gateway = gateway(Endpoint.HTTP2, upstream.port());
                RawClient http1 = new RawClient(gateway.port(80));
                Http2WebSocketClient http2 = client(gateway, false)) {
            WebSocketStream socket = http2.open("localhost", "/chat");
            assertThat(socket.status()).isEqualTo("200");
            if (vanishes) {
                http2.close();
            } else {
                socket.reset();
            }
            assertThat(upstream.nextEnd()).isEqualTo("reset 8");

            assertThat(http1.send("GET /chat" + HANDSHAKE).readHead()).startsWith("HTTP/1.1 101 ");
            if (vanishes) {
                http1.socket().setSoLinger(true, 0);
            }
            http1.close();
            assertThat(upstream.nextEnd()).isEqualTo(vanishes ? "reset 8" : "end");
            awaitNothingInUse(gateway);
        }
    }

    @Test
    void anHttp1EndpointsConnectionEndsWithItsClientsStreamAndOthersGoOn() throws Exception {
        try (WebSocketUpstream upstream = WebSocketUpstream.echo();
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port());
                Http2WebSocketClient client = client(gateway, false)) {
            WebSocketStream first = client.open("localhost", "/1");
            WebSocketStream second = client.open("localhost", "/2");
            first.text("one");
            second.text("two");
            assertThat(first.message()).isEqualTo("one");
            assertThat(second.message()).isEqualTo("two");
            assertThat(upstream.openConnections()).isEqualTo(2);
            first.reset();
            await().until(() -> upstream.openConnections() == 1);

            second.text("still");
            assertThat(second.message()).isEqualTo("still");
            second.reset();
            await().until(() -> upstream.openConnections() == 0);
            awaitNothingInUse(gateway);
        }
    }

    @Test
    void routesSeeAGet() throws Exception {
        try (WebSocketUpstream upstream = WebSocketUpstream.echo();
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port(), """
                        - match: [{method: {exact: CONNECT}}, {headers: {":method": {exact: CONNECT}}}]
                          directResponse: {status: 410}
                        - match: [{uri: {exact: /none}}]
                          directResponse: {status: 404}
                        - match: [{uri: {exact: /ok}}]
                          directResponse: {status: 200, body: {string: fine}}
                        - match: [{uri: {exact: /old}}]
                          redirect: {uri: /chat}
                        - match:
                          - uri: {prefix: /chat}
                            method: {exact: GET}
                            headers: {upgrade: {exact: websocket}, x-tenant: {exact: a}, ":method": {exact: GET}}
                          route: [{destination: {host: up.internal, port: {number: 80}}}]
                        """);
                Http2WebSocketClient client = client(gateway, false)) {
            assertThat(client.open("localhost", "/chat", "x-tenant", "a").status())
                    .isEqualTo("200");
            assertThat(client.open("localhost", "/chat", "x-tenant", "b").status())
                    .isEqualTo("404");
            assertThat(client.open("localhost", "/none").status()).isEqualTo("404");
            assertThat(client.open("localhost", "/old").status()).isEqualTo("301");
            assertThat(client.open("localhost", "/ok", "content-type", "application/grpc")
                            .status())
                    .as("a success would be taken for a WebSocket")
                    .isEqualTo("403");
        }
    }

    @Test
    void whatIsNoWebSocketIsRefusedAndNothingIsForwarded() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("never");
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port());
                Http2WebSocketClient client = client(gateway, false)) {
            assertThat(client.open(head("/", "connect-udp"), false).status()).isEqualTo("403");
            assertThat(client.open(head("/", "h2c").set("content-type", "application/grpc"), false)
                            .status())
                    .isEqualTo("403");
            assertThat(client.open("localhost", "/", "sec-websocket-version", "8")
                            .status())
                    .isEqualTo("400");
            Http2Headers unversioned = head("/", "websocket");
            unversioned.remove("sec-websocket-version");
            assertThat(client.open(unversioned, false).status()).isEqualTo("400");
            Http2Headers tunnel = new DefaultHttp2Headers().method("CONNECT").authority("localhost:443");
            assertThat(client.open(tunnel, false).status()).isEqualTo("405");

            assertThat(upstream.received()).isEmpty();
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void itIsRetriedBeforeItsAnswerAndIsNotMirrored() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n");
                TestGateway gateway = gateway(Endpoint.HTTP1, upstream.port(), """
                        - route: [{destination: {host: up.internal, port: {number: 80}}}]
                          mirror: {host: up.internal, port: {number: 80}}
                          retries: {attempts: 2, retryOn: 5xx}
                        """);
                Http2WebSocketClient client = client(gateway, false)) {
            assertThat(client.open("localhost", "/").status()).isEqualTo("503");

            awaitNothingInUse(gateway);
            assertThat(upstream.received().split("GET / HTTP/1.1", -1)).hasSize(1 + 3);
            assertThat(gateway.firstFacts().attempts).isEqualTo(3);
        }
    }

    @Test
    void manyShareAConnectionToAnHttp2Endpoint() throws Exception {
        try (Http2WebSocketUpstream upstream = Http2WebSocketUpstream.start(true);
                TestGateway gateway = TestGateway.builder()
                        .eventLoops(1)
                        .start(Yaml.httpGateway("*")
                                + Yaml.service("up.internal", "HTTP2", upstream.port())
                                + Yaml.forwardAll("*", "up.internal"));
                Http2WebSocketClient client = client(gateway, false)) {
            List<WebSocketStream> sockets = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                sockets.add(client.open("localhost", "/" + i));
            }
            for (int i = 0; i < 50; i++) {
                sockets.get(i).text("message " + i);
            }
            for (int i = 0; i < 50; i++) {
                assertThat(sockets.get(i).message()).isEqualTo("message " + i);
            }
            sockets.forEach(WebSocketStream::finish);
            for (WebSocketStream socket : sockets) {
                assertThat(socket.end()).isEqualTo("end");
            }
            awaitNothingInUse(gateway);
        }
    }
}
