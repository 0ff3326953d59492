package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sallyport.http.h2.Frames;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Upstreams that answer too early, too much, or not where they are looked for.
@ExtendWith(LogWatch.class)
class UpstreamMisconductTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 100000\r\n\r\n";

    private static final int ENABLE_CONNECT_PROTOCOL = 8;
    private static final int CANCEL = 8;
    /// Of a window, RFC 9113, 6.9.1.
    private static final int MAX = Integer.MAX_VALUE;

    private static Target http2(RawUpstream upstream) {
        return Target.start(upstream, "HTTP2", "- route: [{destination: {host: shop.internal}}]", builder -> builder);
    }

    @Test
    void anAnswerBeforeTheBodysEndReachesTheClientAndFreesTheSlot() throws Exception {
        RawUpstream early = RawUpstream.start(connection -> {
            connection.readHead();
            connection.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
        });
        try (Target target = Target.start(early);
                RawClient client = target.connect()) {
            client.send(POST + "begin");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 413 ").endsWith("big");
            target.slotsAreFree();
        }
    }

    /// The rest of the body must not be read as the upstream's next request.
    @Test
    void aConnectionThatWasAnsweredEarlyIsNotUsedAgain() throws Exception {
        RawUpstream early = RawUpstream.start(connection -> {
            while (connection.readHead() != null) {
                connection.write(Target.OK);
            }
        });
        try (Target target = Target.start(early);
                RawClient client = target.connect();
                RawClient other = target.connect()) {
            client.send(POST + "begin");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(other.send(GET).readResponse()).endsWith("ok");
            assertThat(early.connectionCount()).isEqualTo(2);
            target.slotsAreFree();
        }
    }

    /// Each byte in time, the head never: the deadline is of the whole.
    @Test
    void aHeadThatIsDribbledIs504AtTheDeadline() throws Exception {
        RawUpstream dribbling = RawUpstream.start(connection -> {
            connection.readHead();
            connection.write("HTTP/1.1 200 OK\r\nx: ");
            while (true) {
                connection.write("y");
                try {
                    Thread.sleep(Duration.ofMillis(50));
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        });
        String route = "- route: [{destination: {host: shop.internal}}]\n  timeout: 1s";
        try (Target target = Target.start(dribbling, "HTTP", route, builder -> builder);
                RawClient client = target.connect()) {
            assertThat(client.send(GET).readResponse()).startsWith("HTTP/1.1 504 ");
            target.slotsAreFree();
            await().until(() -> dribbling.openConnections() == 0);
        }
    }

    @Test
    void aFloodOfInterimResponsesIsBoundedForAnHttp2ClientToo() throws Exception {
        RawUpstream flood = RawUpstream.start(connection -> {
            connection.readHead();
            for (int i = 0; i < 100_000; i++) {
                connection.write("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
            }
        });
        try (Target target = Target.start(flood);
                H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, H2Client.request("GET", "/")));
            var answer = client.await(frame -> frame.stream() == 1
                    && frame.type() == Frames.HEADERS
                    && !frame.fields().startsWith(":status=1"));
            assertThat(answer.fields()).startsWith(":status=502");
            target.slotsAreFree();
        }
    }

    @Test
    void aRequestThatAGoAwayLeftOutIsSentAgain() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        RawUpstream upstream = RawUpstream.start(connection -> {
            Http2Script script = new Http2Script(connection);
            int stream = script.awaitHeaders();
            if (connections.incrementAndGet() == 1) {
                connection.write(ByteBufUtil.getBytes(Frames.goAway(0, 0)));
            } else {
                connection.write(
                        ByteBufUtil.getBytes(Frames.headers(stream, true, ":status", "200", "content-length", "0")));
            }
            script.readToEnd();
        });
        try (Target target = http2(upstream);
                RawClient client = target.connect()) {
            assertThat(client.send(GET).readResponse()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(connections).hasValue(2);
            target.slotsAreFree();
        }
    }

    /// What ends an endpoint's whole connection, as an answer on the stream, and its name in RFC 9113, 7.
    static Stream<Arguments> connectionErrors() {
        return Stream.of(
                Arguments.of("compression_error", (IntFunction<ByteBuf>) stream -> Frames.frame(
                        Frames.HEADERS, Frames.END_HEADERS, stream, Unpooled.wrappedBuffer(new byte[] {-1, -1, -1}))),
                Arguments.of("protocol_error", (IntFunction<ByteBuf>) _ -> Frames.headers(2, true, ":status", "200")),
                Arguments.of("protocol_error", (IntFunction<ByteBuf>) _ -> Frames.data(0, "of no stream", false)),
                Arguments.of("frame_size_error", (IntFunction<ByteBuf>)
                        stream -> Frames.frame(Frames.RST_STREAM, 0, stream, Unpooled.wrappedBuffer(new byte[3]))),
                Arguments.of("flow_control_error", (IntFunction<ByteBuf>)
                        _ -> Unpooled.wrappedBuffer(Frames.windowUpdate(0, MAX), Frames.windowUpdate(0, MAX))));
    }

    @ParameterizedTest
    @MethodSource("connectionErrors")
    void theLogNamesWhatEndedAnEndpointsConnection(String error, IntFunction<ByteBuf> answer) throws Exception {
        RawUpstream upstream = RawUpstream.start(connection -> {
            Http2Script script = new Http2Script(connection);
            script.send(answer.apply(script.awaitHeaders()));
            script.readToEnd();
        });
        try (Target target = http2(upstream);
                RawClient client = target.connect()) {
            assertThat(client.send(GET).readResponse()).startsWith("HTTP/1.1 503 ");
            target.slotsAreFree();
            assertThat(target.gateway.firstFacts().details).isEqualTo("http2." + error);
            assertThat(target.gateway.firstFacts().flag).isEqualTo(ResponseFlag.UC);
        }
    }

    /// Of two requests on one connection, one gets what breaks it: the other is sent again, as behind any connection
    /// that ends before it has answered.
    @Test
    void anErrorOfTheConnectionIsNotThatOfEachOfItsRequests() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        RawUpstream upstream = RawUpstream.start(connection -> {
            Http2Script script = new Http2Script(connection);
            if (connections.incrementAndGet() == 1) {
                script.send(Frames.headers(script.awaitHeaders(), true, ":status", "200", "content-length", "0"));
                script.awaitHeaders();
                int broken = script.awaitHeaders();
                script.send(Frames.frame(
                        Frames.HEADERS, Frames.END_HEADERS, broken, Unpooled.wrappedBuffer(new byte[] {-1, -1, -1})));
                script.readToEnd();
            }
            while (true) {
                script.send(Frames.headers(script.awaitHeaders(), true, ":status", "200", "content-length", "0"));
            }
        });
        try (Target target = http2(upstream);
                H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, H2Client.request("GET", "/")));
            assertThat(client.answer(1).fields()).startsWith(":status=200");
            client.send(
                    Frames.headers(3, true, H2Client.request("GET", "/one")),
                    Frames.headers(5, true, H2Client.request("GET", "/other")));
            assertThat(client.answer(3).fields()).startsWith(":status=200");
            assertThat(connections).hasValue(2);
        }
    }

    private static final RawUpstream.Script CUT_BY_RESET = connection -> {
        Http2Script script = new Http2Script(connection, Frames.settings(ENABLE_CONNECT_PROTOCOL, 1));
        while (true) {
            int stream = script.awaitHeaders();
            script.send(
                    Frames.headers(stream, false, ":status", "200"),
                    Frames.data(stream, "hi", false),
                    Frames.reset(stream, CANCEL));
        }
    };
    private static final RawUpstream.Script CUT_BY_END = connection -> {
        connection.readHead();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhi");
    };

    static Stream<Arguments> cuts() {
        return Stream.of("GET", "CONNECT").flatMap(method -> Stream.of("HTTP", "HTTP2")
                .filter(protocol -> method.equals("GET") || protocol.equals("HTTP2"))
                .map(protocol -> Arguments.of(method, protocol)));
    }

    private static Target cutting(String protocol) {
        return Target.start(
                RawUpstream.start(protocol.equals("HTTP2") ? CUT_BY_RESET : CUT_BY_END),
                protocol,
                "- route: [{destination: {host: shop.internal}}]",
                builder -> builder);
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void whatCameBeforeAnAnswerWasCutReachesAnHttp2ClientBeforeTheReset(String method, String protocol)
            throws Exception {
        try (Target target = cutting(protocol);
                H2Client client = target.connect2()) {
            boolean connect = method.equals("CONNECT");
            for (int stream = 1; stream < 20; stream += 2) {
                int id = stream;
                client.send(Frames.headers(
                        id,
                        !connect,
                        connect
                                ? H2Client.request(method, "/", ":protocol", "websocket", "sec-websocket-version", "13")
                                : H2Client.request(method, "/")));

                assertThat(client.answer(id).fields()).startsWith(":status=200");
                assertThat(client.body(id)).startsWith("hi|" + id + " RST_STREAM");
                client.send(Frames.ping(id));
                assertThat(client.await(frame -> frame.stream() == id || frame.type() == Frames.PING)
                                .type())
                        .isEqualTo(Frames.PING);
            }
            target.slotsAreFree();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP", "HTTP2"})
    void whatCameBeforeAnAnswerWasCutReachesAnHttp1Client(String protocol) throws Exception {
        try (Target target = cutting(protocol);
                RawClient client = target.connect()) {
            String answer = client.send(GET).readToEnd();

            assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").contains("hi").doesNotContain("\r\n0\r\n");
            target.slotsAreFree();
        }
    }

    @Test
    void aNameServerThatFallsSilentCostsNoAddress() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestDns dns = new TestDns().addresses("up.test", 1, "127.0.0.1");
                TestGateway gateway = TestGateway.builder()
                        .dns(TestDns.settings(dns))
                        .start(Yaml.httpGateway("*")
                                + """
                                apiVersion: networking.istio.io/v1
                                kind: ServiceEntry
                                metadata: {name: up}
                                spec:
                                  hosts: [shop.internal]
                                  resolution: DNS
                                  ports: [{number: 80, name: port, protocol: HTTP}]
                                  endpoints: [{address: up.test, ports: {port: %d}}]
                                ---
                                """.formatted(upstream.port())
                                + Yaml.forwardAll("shop.example", "shop.internal"));
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(GET).readResponse()).endsWith("ok");
            dns.silent("up.test");
            int asked = dns.questions().size();
            await().atMost(Duration.ofSeconds(20)).until(() -> dns.questions().size() >= asked + 3);
            assertThat(client.send(GET).readResponse()).endsWith("ok");
        }
    }

    @Test
    void afterAThousandBrokenRequestsEverySlotIsFree() throws Exception {
        try (Target target = Target.start()) {
            List<String> broken = List.of(
                    "POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                    "POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 9\r\n\r\nabc",
                    "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: shop.example\r\nX: y\n\r\n");
            List<RawClient> open = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                RawClient client = target.connect();
                client.send(broken.get(i % broken.size()));
                open.add(client);
                if (open.size() == 50) {
                    for (RawClient each : open) {
                        abort(each);
                    }
                    open.clear();
                }
            }
            target.slotsAreFree();
            target.isServing();
            assertThat(target.gateway.usage())
                    .allSatisfy(usage -> assertThat(usage.active()).isZero());
        }
    }

    private static void abort(RawClient client) throws IOException {
        client.socket().setSoLinger(true, 0);
        client.close();
    }
}
