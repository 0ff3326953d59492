package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.StreamError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a client sends after its head: relayed, held, and sent again.
class RequestBodiesTest {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final ProxyFixture proxy =
            new ProxyFixture(ProxyFixture.TO_SHOP + "  retries: {attempts: 2, retryOn: 5xx}");

    @AfterEach
    void close() {
        proxy.close();
    }

    @Test
    void aBodyIsRelayedAsItArrives() {
        proxy.begin("POST", "/", false);
        proxy.data("one ", false);
        assertThat(proxy.sent().body()).isEqualTo("one ");
        proxy.data("two", true);

        assertThat(proxy.sent().body()).isEqualTo("one two");
        assertThat(proxy.sent().ended).isTrue();
    }

    @Test
    void trailersEndTheRequest() {
        proxy.begin("POST", "/", false);
        proxy.data("body", false);
        proxy.trailers("x-sum", "1");

        assertThat(proxy.sent().trailer("x-sum")).isEqualTo("1");
        proxy.sent().answer(200);
        assertThat(proxy.sent().reset).isNull();
        assertThat(proxy.ended().bytesReceived).isEqualTo(4);
    }

    @Test
    void theClientIsNotReadWhileAConnectionIsAwaited() {
        proxy.endpoint.connecting = FakeEndpoint.Connecting.TAKES_FOREVER;
        proxy.begin("POST", "/", false);

        assertThat(proxy.client.reading).isFalse();
    }

    @Test
    void theClientIsNotReadWhileTheEndpointDoesNotKeepUp() {
        proxy.begin("POST", "/", false);
        proxy.sent().writable = false;
        proxy.data("more than it takes", false);
        assertThat(proxy.client.reading).isFalse();
        proxy.sent().catchesUp();

        assertThat(proxy.client.reading).isTrue();
    }

    @Test
    void aBodyIsSentAgain() {
        proxy.begin("POST", "/", false);
        proxy.data("order ", false);
        proxy.data("one", true);
        proxy.sent().answer(503);
        proxy.pass(LONGEST_PAUSE);

        assertThat(proxy.last()).isNotSameAs(proxy.endpoint.sent.getFirst());
        assertThat(proxy.last().body()).isEqualTo("order one");
        assertThat(proxy.last().ended).isTrue();
    }

    @Test
    void whatArrivesBetweenTwoAttemptsIsSentAfterWhatWasSentBefore() {
        proxy.begin("POST", "/", false);
        proxy.data("first ", false);
        proxy.sent().answer(503);
        proxy.data("second ", false);
        proxy.pass(LONGEST_PAUSE);
        proxy.data("third", true);

        assertThat(proxy.last().body()).isEqualTo("first second third");
        assertThat(proxy.last().ended).isTrue();
    }

    @Test
    void trailersAreSentAgain() {
        proxy.begin("POST", "/", false);
        proxy.data("body", false);
        proxy.trailers("x-sum", "1");
        proxy.sent().answer(503);
        proxy.pass(LONGEST_PAUSE);

        assertThat(proxy.last().body()).isEqualTo("body");
        assertThat(proxy.last().trailer("x-sum")).isEqualTo("1");
    }

    @Test
    void aBodyThatIsTooLongToKeepIsNotSentAgain() {
        String most = "x".repeat(ProxySettings.DEFAULT.retryBodyBytes());
        proxy.begin("POST", "/", false);
        proxy.data(most, false);
        proxy.data("y", true);
        proxy.sent().answer(503);
        proxy.pass(LONGEST_PAUSE);

        assertThat(proxy.endpoint.sent).hasSize(1);
        assertThat(proxy.client.status()).isEqualTo(503);
    }

    @Test
    void aBodyOfExactlyTheLongestIsSentAgain() {
        String most = "x".repeat(ProxySettings.DEFAULT.retryBodyBytes());
        proxy.begin("POST", "/", false);
        proxy.data(most, true);
        proxy.sent().answer(503);
        proxy.pass(LONGEST_PAUSE);

        assertThat(proxy.last().body()).isEqualTo(most);
        assertThat(proxy.endpoint.sent).hasSize(2);
    }

    @Test
    void aClientThatExpectsIsToldToContinueOnceTheEndpointIsConnected() {
        proxy.begin("POST", "/", false, "expect", "100-continue");

        assertThat(proxy.client.informational).containsExactly(100);
    }

    /// Servers may read them as headers.
    @Test
    void trailersSayNothingThatHeadersMayNot() {
        String route = ProxyFixture.TO_SHOP.replace("host: shop.internal}", """
                host: shop.internal}, headers: {request: {set: {x-zone: a}, remove: [x-debug]}}""").stripTrailing();
        try (ProxyFixture editing = new ProxyFixture(
                route + "\n  headers: {request: {set: {x-user: nobody}, add: {x-more: b}, remove: [x-secret]}}")) {
            editing.begin("POST", "/", false);
            editing.data("body", false);
            String[] taken = {
                "x-envoy-internal", "x-envoy-upstream-rq-timeout-ms", "x-user", "x-secret", "x-zone", "x-debug"
            };
            List<String> fields = new ArrayList<>(List.of("x-sum", "1", "x-more", "c", "x-envoy", "2"));
            for (String name : taken) {
                fields.addAll(List.of(name, "forged"));
            }
            editing.trailers(fields.toArray(String[]::new));

            for (String name : taken) {
                assertThat(editing.sent().trailer(name)).as(name).isEqualTo("null");
            }
            assertThat(editing.sent().trailer("x-sum")).isEqualTo("1");
            assertThat(editing.sent().trailer("x-more")).isEqualTo("c");
            assertThat(editing.sent().trailer("x-envoy")).isEqualTo("2");
            assertThat(editing.sent().header("x-user")).isEqualTo("nobody");
            assertThat(editing.sent().header("x-zone")).isEqualTo("a");
        }
    }

    @Test
    void anAnswerBeforeTheRequestsEndStopsTheRequest() {
        proxy.begin("POST", "/", false);
        proxy.data("half", false);
        proxy.sent().answer(200);

        assertThat(proxy.client.status()).isEqualTo(200);
        assertThat(proxy.sent().reset).isEqualTo(StreamError.CANCEL);
        assertThat(proxy.ended().status).isEqualTo(200);
    }

    @Test
    void aClientThatLeavesCutsTheRequest() {
        proxy.begin("POST", "/", false);
        proxy.data("half", false);
        proxy.goAway();

        assertThat(proxy.sent().reset).isEqualTo(StreamError.CANCEL);
        assertThat(proxy.ended().flags()).isEqualTo("DC");
        assertThat(proxy.ended().status).isZero();
    }
}
