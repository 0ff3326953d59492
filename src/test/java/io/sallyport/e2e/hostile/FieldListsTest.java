package io.sallyport.e2e.hostile;

import static io.sallyport.e2e.hostile.H2Client.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.h2.Frames;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Lists in fields, with bytes around an element that are not blank but look so to some (0xA0 is a no-break space in
/// Latin-1): the gateway and the services behind it must see the same elements.
@ExtendWith(LogWatch.class)
class FieldListsTest {
    private static String get(String fields) {
        return "GET / HTTP/1.1\r\nHost: shop.example\r\n" + fields + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0080", "\u0085", "\u00a0", "\u00ff"})
    void nothingIsStrippedThatIsNotNamed(String odd) throws Exception {
        try (Target target = Target.start()) {
            String options = "Connection: " + odd + "x-canary" + odd + ", close\r\n";
            String response = target.exchange(get(options + "X-Canary: kept\r\nTE: " + odd + "trailers\r\n"));

            assertThat(response).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(target.upstream.received())
                    .contains("x-canary: kept\r\n")
                    .doesNotContain("te:", "connection:");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0080", "\u0085", "\u00a0", "\u00ff"})
    void aProtocolThatIsNotAskedForMakesNoTunnel(String odd) throws Exception {
        try (Target target = Target.start()) {
            for (String asked : List.of(odd + "websocket", "websocket" + odd)) {
                String response = target.exchange(get("Connection: Upgrade, close\r\nUpgrade: " + asked + "\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"));

                assertThat(response).startsWith("HTTP/1.1 400 ");
            }
            assertThat(target.upstream.connectionCount()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00a0trailers", "trailers\u00a0", "trailers,\u00a0"})
    void overHttp2OnlyTrailersMayBeAskedFor(String te) throws Exception {
        try (Target target = Target.start();
                H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, request("GET", "/", "te", te)));

            assertThat(client.answer(1).type()).isEqualTo(Frames.RST_STREAM);
            assertThat(target.upstream.connectionCount()).isZero();
        }
    }

    private static GatewayBuilder trusting(GatewayBuilder builder) {
        ProxySettings defaults = ProxySettings.DEFAULT;
        return builder.proxy(new ProxySettings(
                1,
                defaults.paths(),
                defaults.via(),
                defaults.serverHeader(),
                defaults.flagHeader(),
                defaults.tunnels(),
                defaults.retryBodyBytes()));
    }

    @Test
    void aChainOfAddressesIsContinuedByteForByte() throws Exception {
        try (Target target = Target.start(FieldListsTest::trusting)) {
            target.exchange(get("X-Forwarded-For: \u00a09.9.9.9\u00a0\r\nX-Forwarded-For: 8.8.8.8\u0085\r\n"
                    + "Connection: close\r\n"));

            assertThat(target.upstream.received())
                    .contains("x-forwarded-for: \u00a09.9.9.9\u00a0,8.8.8.8\u0085,127.0.0.1\r\n");
        }
    }

    @Test
    void whatAResponseVariesByIsReadInTheSameWay() throws Exception {
        RawUpstream upstream = RawUpstream.answering(
                "HTTP/1.1 200 OK\r\nVary: \u00a0origin\r\nConnection: \u00a0x-public\r\nX-Public: y\r\n"
                        + "Content-Length: 0\r\n\r\n");
        String route = """
                - corsPolicy: {allowOrigins: [{exact: "http://shop"}]}
                  route: [{destination: {host: shop.internal, port: {number: 80}}}]""";
        try (Target target = Target.start(upstream, "HTTP", route, builder -> builder);
                RawClient client = target.connect()) {
            String response = client.send(get("Origin: http://shop\r\n")).readResponse();

            assertThat(response).contains("\r\nvary: \u00a0origin\r\n", "\r\nvary: origin\r\n", "\r\nx-public: y\r\n");
        }
    }
}
