package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an endpoint hears of who called: what is known, and not what the client claims. The client is 203.0.113.9.
class CallerFieldsTest {
    private static ProxyFixture trusting(int hops) {
        return new ProxyFixture(
                ProxyFixture.TO_SHOP,
                "",
                new ProxySettings(
                        hops, ProxySettings.DEFAULT.paths(), null, null, null, ProxySettings.DEFAULT.tunnels(), 0));
    }

    @Test
    void theClientsAddressReplacesItsClaims() {
        try (ProxyFixture proxy = trusting(0)) {
            proxy.get(
                    "/",
                    "x-forwarded-for",
                    "10.0.0.1",
                    "x-forwarded-proto",
                    "https",
                    "x-envoy-external-address",
                    "::1");

            assertThat(proxy.sent().header("x-forwarded-for")).isEqualTo("203.0.113.9");
            assertThat(proxy.sent().header("x-forwarded-proto")).isEqualTo("http");
            assertThat(proxy.sent().header("x-envoy-external-address")).isEqualTo("203.0.113.9");
        }
    }

    @Test
    void whatATrustedHopWroteIsContinued() {
        try (ProxyFixture proxy = trusting(1)) {
            proxy.get("/", "x-forwarded-for", "198.51.100.7", "x-forwarded-proto", "https");

            assertThat(proxy.sent().header("x-forwarded-for")).isEqualTo("198.51.100.7,203.0.113.9");
            assertThat(proxy.sent().header("x-forwarded-proto")).isEqualTo("https");
            assertThat(proxy.sent().header("x-envoy-external-address")).isEqualTo("198.51.100.7");
        }
    }

    /// Else what denies `fd00::/8` or `8.0.0.0/8` would ask about another address than the upstream hears.
    @ParameterizedTest
    @CsvSource({
        "fd00::1%eth0",
        "fd00::1%1",
        "[fd00::1]",
        "010.1.1.1",
        "10.1.1.01",
        "::ffff:010.1.1.1",
        "10.1",
        "1:2:3:4:5:6:7:8:9",
        "10.1.1.1:80",
        "unknown",
        "''"
    })
    void whatIsNoAddressIsNotTheClients(String claimed) {
        try (ProxyFixture proxy = trusting(1)) {
            proxy.get("/", "x-forwarded-for", claimed);

            assertThat(proxy.sent().header("x-envoy-external-address")).isEqualTo("203.0.113.9");
            proxy.sent().answer(200);
            assertThat(proxy.ended().client.remote().toString()).contains("203.0.113.9");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, /0.0.0.0:0",
        "10.0.1.100, /10.0.1.100:0",
        "FD00::1, '/[fd00:0:0:0:0:0:0:1]:0'",
        "::ffff:10.1.1.1, /10.1.1.1:0",
        "64:ff9b::10.1.1.1, '/[64:ff9b:0:0:0:0:a01:101]:0'",
    })
    void anAddressIsReadTheSameEverywhere(String claimed, String read) {
        try (ProxyFixture proxy = trusting(1)) {
            proxy.get("/", "x-forwarded-for", claimed);

            assertThat(proxy.sent().header("x-envoy-external-address")).isEqualTo(claimed);
            proxy.sent().answer(200);
            assertThat(proxy.ended().client.remote()).hasToString(read);
        }
    }

    @ParameterizedTest
    @CsvSource({"forwarded", "x-forwarded-host", "x-forwarded-port", "x-real-ip"})
    void otherClaimsAreRemoved(String field) {
        try (ProxyFixture proxy = trusting(0)) {
            proxy.get("/", field, "claimed");

            assertThat(proxy.sent().header(field)).isEqualTo("null");
        }
    }

    @ParameterizedTest
    @CsvSource({"x-envoy-retry-on, 0", "x-envoy-internal, 1", "x-forwarded-client-cert, 0", "x-forwarded-client-cert, 1"
    })
    void noHopIsTrustedWithCommandsAndIdentities(String field, int hops) {
        try (ProxyFixture proxy = trusting(hops)) {
            proxy.get("/", field, "claimed");

            assertThat(proxy.sent().header(field)).isEqualTo("null");
        }
    }

    @Test
    void aStrangerDoesNotChooseTheRequestsId() {
        try (ProxyFixture proxy = trusting(0)) {
            proxy.get("/", "x-request-id", "chosen");

            assertThat(proxy.sent().header("x-request-id")).hasSize(36);
            proxy.sent().answer(200);
            assertThat(proxy.ended().requestId).hasToString(proxy.sent().header("x-request-id"));
        }
    }

    @Test
    void aTrustedHopsIdIsKept() {
        try (ProxyFixture proxy = trusting(1)) {
            proxy.get("/", "x-request-id", "chosen");

            assertThat(proxy.sent().header("x-request-id")).isEqualTo("chosen");
        }
    }

    @Test
    void aRequestThatHasPassedTheListenerBeforeIsALoop() {
        try (ProxyFixture proxy = trusting(0)) {
            proxy.get("/");
            String via = proxy.sent().header("via");
            proxy.get("/", "via", via);

            assertThat(proxy.client.status()).isEqualTo(508);
            assertThat(proxy.endpoint.sent).hasSize(1);
        }
    }
}
