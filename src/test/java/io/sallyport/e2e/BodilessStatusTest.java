package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A response of the gateway's own with a status that has no content (RFC 9110, 15.3.5, 15.3.6 and 15.4.5) is sent
/// without the body that is configured for it.
class BodilessStatusTest {
    private static final List<Integer> STATUSES = List.of(204, 205, 304);
    private static final String DIRECT = """
            - match: [{uri: {exact: /direct/%1$d}}]
              directResponse: {status: %1$d, body: {string: surplus}}
            - match: [{uri: {exact: /binary/%1$d}}]
              directResponse: {status: %1$d, body: {bytes: c3VycGx1cw==}}
            - match: [{uri: {exact: /abort/%1$d}}]
              fault: {abort: {httpStatus: %1$d, percentage: {value: 100}}}
              route: [{destination: {host: up.internal}}]
            """;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        StringBuilder routes = new StringBuilder();
        STATUSES.forEach(status -> routes.append(DIRECT.formatted(status)));
        routes.append("- directResponse: {status: 200, body: {string: next}}\n");
        gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("up.internal", 1)
                + Yaml.virtualService("shop.example", "" + routes));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    static Stream<Arguments> cases() {
        return STATUSES.stream().flatMap(status -> Stream.of("direct", "binary", "abort")
                .flatMap(kind -> Stream.of("GET", "HEAD", "POST")
                        .map(method -> Arguments.of(method, "/" + kind + "/" + status, status))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void hasNoContentOverHttp1(String method, String target, int status) throws Exception {
        try (RawClient client = new RawClient(gateway.port(80))) {
            client.send("%s %s HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n\r\n".formatted(method, target));
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 " + status).doesNotContain("content-type", "transfer-encoding");
            // Without it a client would read a 205 until the connection ends.
            assertThat(head.contains("content-length: 0\r\n")).isEqualTo(status == 205);
            client.send("GET /next HTTP/1.1\r\nHost: shop.example\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nnext");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void hasNoContentOverHttp2(String method, String target, int status) throws Exception {
        try (H2Client client = new H2Client(gateway.port(80))) {
            client.send(Frames.headers(1, true, H2Client.request(method, target)));
            SentFrame head = client.answer(1);
            assertThat(head.ends()).isTrue();
            assertThat(head.fields()).startsWith(":status=" + status).doesNotContain("content-type");
            assertThat(head.fields().contains("content-length=0")).isEqualTo(status == 205);
        }
    }

    @Test
    void aBodyForSuchAStatusIsWarnedOf() {
        List<String> found = gateway.read().problems().stream()
                .map(Object::toString)
                .filter(problem -> problem.contains("SAL2127"))
                .toList();
        assertThat(found).hasSize(2 * STATUSES.size());
        assertThat(found.getFirst()).contains("config.yaml", "body", "204");
    }
}
