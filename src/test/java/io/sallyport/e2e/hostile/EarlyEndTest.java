package io.sallyport.e2e.hostile;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.HttpLimits;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.listener.ProxyProtocolSettings;
import io.sallyport.net.AddressRange;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A client that ends its side before it has shown what it speaks is closed at once, on every kind of port: it holds
/// none of the port's places until a time-out.
@ExtendWith(LogWatch.class)
class EarlyEndTest {
    private static final Duration NEVER = Duration.ofMinutes(5);
    private static final HttpLimits LIMITS =
            new HttpLimits(8192, 60 * 1024, 100, 0, NEVER, NEVER, NEVER, NEVER, 100, 64 * 1024, 1024 * 1024, 0);
    private static final int HTTP = 80;
    private static final int TERMINATING = 443;
    private static final int PASSTHROUGH = 9443;
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final String PROXY = "PROXY TCP4 9.9.9.9 127.0.0.1 4000 80\r\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: nowhere.example\r\nConnection: close\r\n\r\n";
    private static final String UNKNOWN_NAME =
            ascii(ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName("nowhere.example")))));
    private static final String HELLO = hello();
    private static final String HALF_HELLO = HELLO.substring(0, HELLO.length() / 2);

    private static RawUpstream upstream;
    private static TestGateway direct;
    private static TestGateway behindProxies;

    /// @param proxied whether the port wants a PROXY header first
    private record Case(int port, boolean proxied, String sent) {
        @Override
        public String toString() {
            return port + (proxied ? " behind proxies: " : ": ") + sent.length() + " bytes, "
                    + sent.replaceAll("[^ -~]+", ".");
        }
    }

    @BeforeAll
    static void start() {
        upstream = RawUpstream.ok("ok");
        direct = start(ProxyProtocolSettings.OFF);
        behindProxies = start(new ProxyProtocolSettings(true, List.of(AddressRange.parse("127.0.0.0/8"))));
    }

    @AfterAll
    static void stop() {
        direct.close();
        behindProxies.close();
        upstream.close();
    }

    private static TestGateway start(ProxyProtocolSettings proxies) {
        ListenerSettings defaults = ListenerSettings.DEFAULT;
        return TestGateway.builder()
                .mesh(EgressMode.REGISTRY_ONLY)
                .secret(
                        "a",
                        TestCertificates.authority("root")
                                .leaf("a")
                                .dns("a.example")
                                .issue())
                .listeners(new ListenerSettings(LIMITS, 1, NEVER, defaults.rejectUnderscores(), proxies))
                .start("""
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: edge}
                        spec:
                          servers:
                          - port: {number: 80, name: http, protocol: HTTP}
                            hosts: ["a.example"]
                          - port: {number: 443, name: https, protocol: HTTPS}
                            hosts: ["a.example"]
                            tls: {mode: SIMPLE, credentialName: a}
                          - port: {number: 9443, name: tls, protocol: TLS}
                            hosts: ["a.example"]
                            tls: {mode: PASSTHROUGH}
                        ---
                        """ + Yaml.service("web.internal", upstream.port())
                        + Yaml.service("tls.internal", "TLS", upstream.port())
                        + Yaml.forwardAll("a.example", "web.internal"));
    }

    private static String ascii(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String hello() {
        try {
            SSLEngine engine = SSLContext.getDefault().createSSLEngine("a.example", 443);
            engine.setUseClientMode(true);
            ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), record);
            byte[] bytes = new byte[record.flip().remaining()];
            record.get(bytes);
            return ascii(bytes);
        } catch (SSLException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<Case> cases() {
        List<String> requests = List.of(
                "", "P", "PRI * HT", PREFACE.substring(0, PREFACE.length() - 1), PREFACE, "G", "GET / HT", "\r\n");
        List<String> hellos = List.of("", HELLO.substring(0, 1), HELLO.substring(0, 5), HALF_HELLO);
        List<String> headers = List.of("", "P", "PROXY TCP4 9.9", "\r\n\r\n\0", PROXY);
        return Stream.of(
                        on(HTTP, requests),
                        on(TERMINATING, hellos),
                        on(TERMINATING, List.of(HELLO)),
                        on(PASSTHROUGH, hellos),
                        on(MESH_PORT, requests),
                        on(MESH_PORT, hellos),
                        on(
                                MESH_PORT,
                                List.of(
                                        connect("tls.internal"),
                                        connect("tls.internal") + HALF_HELLO,
                                        connect("web.internal"),
                                        connect("web.internal") + "PRI * HT")),
                        behind(HTTP, headers),
                        behind(HTTP, List.of(PROXY + "P", PROXY + "G")),
                        behind(TERMINATING, headers),
                        behind(TERMINATING, List.of(PROXY + HALF_HELLO, PROXY + HELLO)),
                        behind(PASSTHROUGH, headers),
                        behind(MESH_PORT, headers))
                .flatMap(cases -> cases);
    }

    private static String connect(String host) {
        return "CONNECT %1$s:80 HTTP/1.1\r\nHost: %1$s:80\r\n\r\n".formatted(host);
    }

    private static Stream<Case> on(int port, List<String> sent) {
        return sent.stream().map(bytes -> new Case(port, false, bytes));
    }

    private static Stream<Case> behind(int port, List<String> sent) {
        return sent.stream().map(bytes -> new Case(port, true, bytes));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itsPlaceIsFreeAtOnce(Case tried) throws IOException {
        TestGateway gateway = tried.proxied ? behindProxies : direct;
        int port = gateway.port(tried.port);
        try (RawClient client = new RawClient(port)) {
            client.send(tried.sent);
            client.endOutput();
            client.readToEnd();
            String next = tried.port == TERMINATING || tried.port == PASSTHROUGH ? UNKNOWN_NAME : GET;
            await().untilAsserted(() -> assertThat(RawClient.exchange(port, tried.proxied ? PROXY + next : next))
                    .as("an answer on the port's only place")
                    .isNotEmpty());
        }
    }
}
