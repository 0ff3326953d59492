package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Methods that an ingress does not take, and clients that wait before they send a body.
@ExtendWith(LogWatch.class)
class MethodAndExpectationTest {
    private static Target target;

    @BeforeAll
    static void start() {
        target = Target.start();
    }

    @AfterAll
    static void stop() {
        target.close();
    }

    @ParameterizedTest
    @CsvSource({"TRACE /attack", "CONNECT shop.example:80"})
    void aMethodThatIsNotForStrangersIs405(String methodAndTarget) throws Exception {
        String host = methodAndTarget.startsWith("CONNECT") ? "shop.example:80" : "shop.example";
        assertThat(target.exchange(methodAndTarget + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ");
        assertThat(target.upstream.received()).doesNotContain("TRACE", "CONNECT", "attack");
    }

    @Test
    void theyAre405OverHttp2Too() throws Exception {
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, H2Client.request("TRACE", "/attack")));
            assertThat(client.answer(1).fields()).startsWith(":status=405");
            client.send(Frames.headers(3, false, ":method", "CONNECT", ":authority", "shop.example:80"));
            assertThat(client.answer(3).fields()).startsWith(":status=405");
        }
        assertThat(target.upstream.received()).doesNotContain("TRACE", "CONNECT", "attack");
    }

    @Test
    void aTunnelThatWasRefusedLeavesNoBytesBehind() throws Exception {
        String hidden = "GET /attack HTTP/1.1\r\nHost: shop.example\r\n\r\n";
        target.exchange(
                "CONNECT shop.example:80 HTTP/1.1\r\nHost: shop.example:80\r\nConnection: close\r\n\r\n" + hidden);

        assertThat(target.upstream.received()).doesNotContain("attack");
    }

    @Test
    void aClientThatWaitsIsToldToGoOn() throws Exception {
        try (RawClient client = target.connect()) {
            client.send(
                    "POST /wait HTTP/1.1\r\nHost: shop.example\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 100 ");
            assertThat(client.send("body").readResponse())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("ok");
            assertThat(client.send("GET /after HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                            .readResponse())
                    .endsWith("ok");
        }
    }

    @Test
    void anyOtherExpectationIs417() throws Exception {
        assertThat(target.exchange("GET /attack HTTP/1.1\r\nHost: shop.example\r\nExpect: the-worst\r\n\r\n"))
                .startsWith("HTTP/1.1 417 ");
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, H2Client.request("GET", "/attack", "expect", "the-worst")));
            assertThat(client.answer(1).fields()).startsWith(":status=417");
        }
        assertThat(target.upstream.received()).doesNotContain("attack");
    }
}
