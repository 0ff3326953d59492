package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Requests that say two things at once, and requests hidden behind or within tunnels.
class SmuggledRequestTest {
    @RegisterExtension
    final LogWatch log = new LogWatch();

    private final Fortress fortress =
            new Fortress(EgressMode.REGISTRY_ONLY, Fortress.listed("other.example.com", 1), builder -> builder);

    @AfterEach
    void close() {
        fortress.close();
    }

    private static String connect(String authority, String... fields) {
        return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + String.join("", fields) + "\r\n";
    }

    private static String get(String target, String host) {
        return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }

    private RawClient tunnel() throws IOException {
        RawClient client = new RawClient(fortress.port()).send(connect("api.example.com:80"));
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        return client;
    }

    private void isBad(String request) throws IOException {
        String answer = RawClient.exchange(fortress.port(), request);
        assertThat(answer).as(request).startsWith("HTTP/1.1 400 ");
        assertThat(answer.split("HTTP/1.1 ")).hasSize(2);
        assertThat(fortress.outside.received()).isEmpty();
    }

    @Test
    void aTargetThatDiffersFromItsHost() throws Exception {
        for (String host : List.of(
                "other.example.com",
                "evil.example",
                "api.example.com:81",
                "api.example.com:443",
                "127.0.0.1",
                "api.example.com.evil.example")) {
            isBad(get("http://api.example.com/", host));
            isBad("CONNECT api.example.com:5432 HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        }
        isBad("GET http://api.example.com/ HTTP/1.1\r\nHost: api.example.com\r\nHost: evil.example\r\n\r\n");
        isBad("GET http://api.example.com/ HTTP/1.1\r\nHost: evil.example\r\nHost: api.example.com\r\n\r\n");
        isBad("CONNECT api.example.com:5432 HTTP/1.1\r\nHost: a.example\r\nHost: api.example.com:5432\r\n\r\n");
    }

    @Test
    void overHttp2AnAuthorityThatDiffersFromHost() throws Exception {
        try (H2Client client = new H2Client(fortress.port())) {
            client.send(Frames.headers(
                    1, true, H2Client.request("GET", "/", ":authority", "api.example.com", "host", "evil.example")));
            assertThat(client.answer(1).type()).isEqualTo(Frames.RST_STREAM);
            client.send(Frames.headers(
                    3, false, ":method", "CONNECT", ":authority", "api.example.com:5432", "host", "evil.example"));
            assertThat(client.answer(3).type()).isEqualTo(Frames.RST_STREAM);
            // A WebSocket is a request for the host, not a tunnel to its port.
            client.send(Frames.headers(
                    5,
                    false,
                    H2Client.request(
                            "CONNECT",
                            "/",
                            ":authority",
                            "api.example.com:5432",
                            ":protocol",
                            "websocket",
                            "sec-websocket-version",
                            "13")));
            assertThat(client.answer(5).fields()).containsPattern("^:status=40[34]");
        }
        assertThat(fortress.outside.received()).isEmpty();
    }

    @Test
    void targetsOfOtherForms() throws Exception {
        for (String target : List.of(
                "ftp://api.example.com/",
                "file:///etc/passwd",
                "gopher://api.example.com/",
                "http:/api.example.com/",
                "http:api.example.com",
                "//evil.example/",
                "http://",
                "http:///",
                "http://@api.example.com/",
                "http://api.example.com@evil.example/",
                "http://evil.example#@api.example.com/",
                "http://evil.example\\@api.example.com/",
                "http://api.example.com\\@evil.example/")) {
            String answer = RawClient.exchange(
                    fortress.port(), "GET " + target + " HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
            assertThat(answer).as(target).matches("(?s)HTTP/1.1 40[03] .*");
        }
        for (String target : List.of("api.example.com", "http://api.example.com:5432/", "/", "*", ":5432", "5432")) {
            isBad("CONNECT " + target + " HTTP/1.1\r\nHost: api.example.com:5432\r\n\r\n");
        }
        assertThat(fortress.outside.received()).isEmpty();
        assertThat(fortress.dns.questions()).isEmpty();
    }

    @Test
    void aConnectWithABody() throws Exception {
        for (String field : List.of(
                "Content-Length: 5\r\n",
                "Content-Length: 0\r\nContent-Length: 5\r\n",
                "Transfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                "Transfer-Encoding: identity\r\n")) {
            String answer = RawClient.exchange(
                    fortress.port(), connect("api.example.com:5432", field) + "0\r\n\r\n" + get("/", "x"));
            assertThat(answer).as(field).matches("(?s)HTTP/1.1 (400|501) .*");
            assertThat(answer.split("HTTP/1.1 ")).hasSize(2);
        }
        assertThat(fortress.outside.received()).isEmpty();
    }

    /// What stands behind a refused CONNECT was meant for a tunnel, and is no request, whoever wrote it.
    @Test
    void behindARefusedConnectNothingIsARequest() throws Exception {
        for (String refused : List.of("evil.example:443", "api.example.com:22", "127.0.0.1:80", "[::1]:80")) {
            String answer = RawClient.exchange(
                    fortress.port(), connect(refused) + get("http://api.example.com/", "api.example.com"));
            assertThat(answer).startsWith("HTTP/1.1 403 ");
            assertThat(answer.split("HTTP/1.1 ")).hasSize(2);
        }
        assertThat(fortress.outside.received()).isEmpty();
        // The endpoint cannot be connected: 503, and the same.
        String answer = RawClient.exchange(
                fortress.port(), connect("other.example.com:5432") + get("http://api.example.com/", "api.example.com"));
        assertThat(answer).startsWith("HTTP/1.1 503 ");
        assertThat(answer.split("HTTP/1.1 ")).hasSize(2);
        assertThat(fortress.outside.received()).isEmpty();
    }

    @Test
    void whatComesBeforeTheAnswerGoesThroughTheTunnelAsBytes() throws Exception {
        String hidden = get("http://evil.example/", "evil.example");
        try (RawClient client = new RawClient(fortress.port())) {
            client.send(connect("api.example.com:5432") + hidden);
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(client.readResponse()).endsWith("hello");
            assertThat(fortress.outside.received()).isEqualTo(hidden);
        }
        await().untilAsserted(() -> assertThat(fortress.gateway.facts()).hasSize(1));
    }

    @Test
    void requestsInATunnelForAnotherHostOrPort() throws Exception {
        for (String[] request : new String[][] {
            {"/", "other.example.com"},
            {"/", "evil.example"},
            {"/", "127.0.0.1"},
            {"/", "api.example.com:81"},
            {"/", "api.example.com:5432"},
            {"/", "x.api.example.com"},
            {"http://other.example.com/", "other.example.com"},
            {"http://evil.example/", "evil.example"},
            {"http://other.example.com/", "api.example.com"},
            {"http://api.example.com/", "other.example.com"},
            {"https://api.example.com/", "api.example.com"}
        }) {
            try (RawClient client = tunnel()) {
                assertThat(client.send(get(request[0], request[1])).readResponse())
                        .as(String.join(" ", request))
                        .matches("(?s)HTTP/1.1 40[03] .*");
            }
        }
        assertThat(fortress.outside.received()).isEmpty();
        try (RawClient client = tunnel()) {
            assertThat(client.send(get("/", "API.example.com.:80")).readResponse())
                    .endsWith("hello");
        }
    }

    @Test
    void requestsInATunnelOverHttp2ForAnotherHost() throws Exception {
        try (H2Client client = new H2Client(fortress.port())) {
            client.send(Frames.headers(1, false, ":method", "CONNECT", ":authority", "api.example.com:80"));
            assertThat(client.answer(1)).asString().contains(":status=200");
            client.send(Frames.data(1, get("/", "other.example.com"), false));
            assertThat(client.await(frame -> frame.stream() == 1 && frame.type() == Frames.DATA))
                    .asString()
                    .contains("HTTP/1.1 403 ");
        }
        assertThat(fortress.outside.received()).isEmpty();
    }

    @Test
    void aTunnelWithinATunnel() throws Exception {
        for (String to :
                List.of("api.example.com:80", "api.example.com:5432", "other.example.com:443", "127.0.0.1:80")) {
            try (RawClient client = tunnel()) {
                String answer =
                        client.send(connect(to) + get("/", "evil.example")).readToEnd();
                assertThat(answer).startsWith("HTTP/1.1 400 ");
                assertThat(answer.split("HTTP/1.1 ")).hasSize(2);
            }
        }
        assertThat(fortress.outside.received()).isEmpty();
    }

    @Test
    void tlsInATunnelToAPortOfPlainHttp() throws Exception {
        try (RawClient client = tunnel()) {
            assertThat(client.send(new byte[] {22, 3, 1, 0, 5, 1, 0, 0, 1, 0, 13, 10, 13, 10})
                            .readToEnd())
                    .matches("(?s)|HTTP/1.1 400 .*");
        }
        assertThat(fortress.outside.received()).isEmpty();
    }

    @Test
    void credentialsForTheProxyStayHere() throws Exception {
        String secret = "Proxy-Authorization: Basic c2VjcmV0\r\nProxy-Connection: keep-alive\r\n";
        String request = "GET http://api.example.com/ HTTP/1.1\r\nHost: api.example.com\r\n" + secret
                + "Connection: close, Authorization, X-Kept\r\nAuthorization: Bearer mine\r\n\r\n";
        assertThat(RawClient.exchange(fortress.port(), request)).endsWith("hello");
        try (RawClient client = new RawClient(fortress.port())) {
            client.send(connect("api.example.com:80", secret));
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(client.send("GET / HTTP/1.1\r\nHost: api.example.com\r\n" + secret + "\r\n")
                            .readResponse())
                    .endsWith("hello");
        }
        try (H2Client client = new H2Client(fortress.port())) {
            client.send(Frames.headers(
                    1,
                    true,
                    H2Client.request(
                            "GET", "/", ":authority", "api.example.com", "proxy-authorization", "Basic c2VjcmV0")));
            assertThat(client.answer(1)).asString().contains(":status=200");
        }
        assertThat(fortress.outside.received().toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("proxy-", "c2vjcmv0")
                .contains("authorization: bearer mine");
    }
}
