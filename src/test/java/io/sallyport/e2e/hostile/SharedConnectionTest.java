package io.sallyport.e2e.hostile;

import static io.sallyport.e2e.hostile.H2Client.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Clients share one HTTP/2 connection to an endpoint that closes it over a malformed field: nothing that one of them
/// sends may end what the others have under way.
@ExtendWith(LogWatch.class)
class SharedConnectionTest {
    private final StrictHttp2Upstream strict = new StrictHttp2Upstream();
    private Target target;
    private H2Client other;

    @BeforeEach
    void startWithARequestUnderWay() throws Exception {
        target = Target.start(
                strict.upstream, "HTTP2", "- route: [{destination: {host: shop.internal}}]", builder -> builder);
        other = target.connect2();
        other.send(Frames.headers(1, true, request("GET", "/slow")));
        await().until(() -> strict.heads.size() == 1);
    }

    @AfterEach
    void stop() throws Exception {
        other.close();
        strict.close();
        target.close();
    }

    private void theOthersRequestEndsWell() throws Exception {
        strict.answerSlowRequests();
        assertThat(other.answer(1).fields()).startsWith(":status=200").contains("x=slow");
        assertThat(strict.violations).isEmpty();
        assertThat(strict.upstream.connectionCount()).isEqualTo(1);
    }

    static List<Arguments> crumbs() {
        return List.of(
                row("a=1", "", "a=1"),
                row("a=1", "a=1", ""),
                row("a=1", "", "", "a=1", "", ""),
                row("a=1; b=2", "a=1", "", "b=2"),
                row("a=1; b=2; c", "a=1", "b=2", "c"),
                row("a=1;; ;", "a=1;", ";"),
                row(null, ""),
                row(null, "", "", ""));
    }

    private static Arguments row(String joined, String... crumbs) {
        return Arguments.of(joined, crumbs);
    }

    @ParameterizedTest
    @MethodSource
    void crumbs(String joined, String[] crumbs) throws Exception {
        String[] fields = Arrays.stream(crumbs)
                .flatMap(crumb -> List.of("cookie", crumb).stream())
                .toArray(String[]::new);
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, request("GET", "/crumbs", fields)));

            assertThat(client.answer(1).fields()).startsWith(":status=200");
        }
        String head = strict.heads.getLast();
        if (joined == null) {
            assertThat(head).doesNotContain("\ncookie:");
        } else {
            assertThat(head).contains("\ncookie: " + joined + "\n");
        }
        theOthersRequestEndsWell();
    }

    @Test
    void anEmptyCookieOfHttp1IsNoCrumb() throws Exception {
        String response = target.exchange("GET /crumbs HTTP/1.1\r\nHost: shop.example\r\nCookie: \r\n"
                + "Cookie: a=1\r\nCookie:\r\nConnection: close\r\n\r\n");

        assertThat(response).startsWith("HTTP/1.1 200 ");
        assertThat(strict.heads.getLast()).containsOnlyOnce("\ncookie: ").contains("\ncookie: a=1\n");
        theOthersRequestEndsWell();
    }

    /// Values with whatever bytes in them, in every place of a message where a client has a say.
    @Test
    void anything() throws Exception {
        Random random = new Random(11);
        String[] names = {"cookie", "cookie", "x", "te", "via", "x-forwarded-for", "expect", "x-request-id", "host"};
        for (int round = 0; round < 60; round++) {
            List<String> fields = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                fields.addAll(List.of(names[random.nextInt(names.length)], value(random)));
            }
            try (H2Client client = target.connect2();
                    RawClient client1 = target.connect()) {
                client.send(
                        Frames.headers(1, false, request("POST", "/any", fields.toArray(String[]::new))),
                        Frames.headers(1, true, "x-sum", value(random), "cookie", "", "cookie", value(random)));
                assertThat(client.answer(1)).isNotNull();

                StringBuilder text = new StringBuilder("POST /any HTTP/1.1\r\nHost: shop.example\r\n");
                for (int i = 0; i < fields.size(); i += 2) {
                    text.append(fields.get(i))
                            .append(':')
                            .append(fields.get(i + 1))
                            .append("\r\n");
                }
                client1.send(text + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\nX-Sum: "
                        + value(random) + "\r\nCookie:\r\nCookie:" + value(random) + "\r\n\r\n");
                assertThat(client1.readToEnd()).startsWith("HTTP/1.1 ");
            }
        }
        theOthersRequestEndsWell();
    }

    private static String value(Random random) {
        String bytes = random.nextInt(3) == 0 ? "\u0000\r\n\u007f \ta;=,\"\u00a0" : " \ta;=,\"\u00a0\u00ff\u0080";
        return random.ints(random.nextInt(5), 0, bytes.length())
                .mapToObj(n -> bytes.substring(n, n + 1))
                .reduce("", String::concat);
    }

    /// What the endpoint takes is less than what the gateway does.
    @Test
    void headsThatAreTooLargeForTheEndpoint() throws Exception {
        for (int size : new int[] {1_000, 7_000, 8_192, 9_000, 20_000, 50_000}) {
            String field = "X: " + "y".repeat(size) + "\r\n";
            int status = size < 8_000 ? 200 : 431;
            try (RawClient client = target.connect()) {
                String answer = client.send("GET /large HTTP/1.1\r\nHost: shop.example\r\n" + field + "\r\n")
                        .readHead();
                assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
            }
        }
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, request("GET", "/large", "x", "y".repeat(9_000))));
            assertThat(client.answer(1).fields()).startsWith(":status=431");
            client.send(Frames.headers(3, true, request("GET", "/small")));
            assertThat(client.answer(3).fields()).startsWith(":status=200");
        }
        theOthersRequestEndsWell();
    }

    /// A request without a host has no authority that an endpoint would take.
    @Test
    void aRequestWithoutAHost() throws Exception {
        target.exchange("GET /nobody HTTP/1.0\r\n\r\n");

        theOthersRequestEndsWell();
    }
}
