package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Endpoints that answer before they have read the whole request, and close: the client gets the answer, although the
/// request could not be written to its end.
@Timeout(120)
class EarlyAnswerTest {
    private static final int TRIES = 5;
    private static final int BODY = 2 << 20;
    private static final String ANSWER =
            "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig";

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued issued = authority.leaf("shop").dns("shop.internal").issue();

    /// @param read bytes of the body before the answer
    private RawUpstream upstream(boolean tls, int read, String answer) {
        RawUpstream.Script script = connection -> {
            connection.readHead();
            connection.readBytes(read);
            connection.write(answer);
        };
        return tls ? RawUpstream.startTls(issued, script) : RawUpstream.start(script);
    }

    private static TestGateway gateway(RawUpstream upstream, boolean tls) {
        String rule = tls ? """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: shop}
                spec: {host: shop.internal, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}}
                ---
                """ : "";
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstream.port())
                + rule
                + Yaml.forwardAll("shop.example", "shop.internal"));
    }

    static Stream<Arguments> answers() {
        return Stream.of(false, true).flatMap(tls -> Stream.of(0, 20_000, 100_000)
                .flatMap(read -> Stream.of("Content-Length: " + BODY, "Transfer-Encoding: chunked")
                        .map(framing -> Arguments.of(tls, read, framing))));
    }

    @ParameterizedTest(name = "TLS upstream {0}, after {1} bytes, {2}")
    @MethodSource("answers")
    void anAnswerIsDelivered(boolean tls, int read, String framing) throws Exception {
        String body = "x".repeat(BODY);
        String request = "POST / HTTP/1.1\r\nHost: shop.example\r\n" + framing + "\r\n\r\n"
                + (framing.startsWith("T") ? Integer.toHexString(BODY) + "\r\n" + body + "\r\n0\r\n\r\n" : body);
        try (RawUpstream upstream = upstream(tls, read, ANSWER);
                TestGateway gateway = gateway(upstream, tls)) {
            for (int i = 0; i < TRIES; i++) {
                try (RawClient client = new RawClient(gateway.port(80))) {
                    assertThat(client.send(request).readResponse())
                            .startsWith("HTTP/1.1 413 ")
                            .endsWith("big");
                }
            }
            assertThat(upstream.connectionCount()).as("sent once each").isEqualTo(TRIES);
            await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
        }
    }

    /// RFC 9112, section 9.6: whoever will close says so, and a pool does not use the connection again.
    @ParameterizedTest(name = "{0} by {1}, {2} bytes sent")
    @CsvSource({
        "60000, gateway, 60000, false",
        "66000, gateway, 100, true",
        "1000000, gateway, 0, true",
        "1000000, gateway, 65536, true",
        "60000, endpoint, 60000, false",
        "1000000, endpoint, 100, true",
    })
    void anAnswerAfterWhichTheConnectionEndsSaysSo(int length, String by, int sent, boolean ends) throws Exception {
        String answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig";
        try (RawUpstream upstream = upstream(false, 0, answer);
                TestGateway gateway = gateway(upstream, false);
                RawClient client = new RawClient(gateway.port(80))) {
            String host = by.equals("gateway") ? "unknown.example" : "shop.example";
            client.send("POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: " + length + "\r\n\r\n"
                    + "x".repeat(sent));
            String response = client.readResponse();
            assertThat(response).startsWith(by.equals("gateway") ? "HTTP/1.1 404 " : "HTTP/1.1 413 ");
            if (ends) {
                assertThat(response).containsIgnoringCase("connection: close\r\n");
            } else {
                assertThat(response).doesNotContainIgnoringCase("connection: close");
                assertThat(client.send("GET / HTTP/1.1\r\nHost: unknown.example\r\n\r\n")
                                .readResponse())
                        .startsWith("HTTP/1.1 404 ");
            }
        }
    }

    @ParameterizedTest(name = "TLS upstream {0}, after {1} bytes")
    @CsvSource({"false, 0", "false, 20000", "true, 0", "true, 20000"})
    void anHttp2ClientGetsItToo(boolean tls, int read) throws Exception {
        try (RawUpstream upstream = upstream(tls, read, ANSWER);
                TestGateway gateway = gateway(upstream, tls);
                H2Client client = new H2Client(gateway.port(80))) {
            for (int i = 0; i < TRIES; i++) {
                int stream = 2 * i + 1;
                client.send(Frames.headers(stream, false, H2Client.request("POST", "/")));
                for (int sent = 0; sent < 60_000; sent += 15_000) {
                    client.send(Frames.data(stream, new byte[15_000], false));
                }
                assertThat(client.answer(stream).fields()).startsWith(":status=413");
            }
            await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
        }
    }

    /// One that says nothing before it closes is a failure, at once.
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void noAnswerIsAFailure(boolean tls) throws Exception {
        try (RawUpstream upstream = upstream(tls, 20_000, "");
                TestGateway gateway = gateway(upstream, tls);
                RawClient client = new RawClient(gateway.port(80))) {
            String body = "x".repeat(BODY);
            String request = "POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: " + BODY + "\r\n\r\n" + body;

            assertThat(client.send(request).readResponse()).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().flag).hasToString("UC");
            await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
        }
    }

    /// Half an answer is cut, not completed.
    @Test
    void halfAnAnswerIsCut() throws Exception {
        try (RawUpstream upstream = upstream(false, 20_000, ANSWER.replace(": 3", ": 30"));
                TestGateway gateway = gateway(upstream, false);
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 60000\r\n\r\n" + "x".repeat(60_000));

            assertThat(client.readToEnd()).startsWith("HTTP/1.1 413 ").endsWith("big");
        }
    }
}
