package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.listener.ListenerSettings;
import io.sallyport.listener.ProxyProtocolSettings;
import io.sallyport.net.AddressRange;
import io.sallyport.testing.GatewayBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A client's address is what a PROXY header says only where its sender is believed.
@ExtendWith(LogWatch.class)
class ProxyProtocolPathTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
    private static final String HEADER = "PROXY TCP4 9.9.9.9 127.0.0.1 4000 80\r\n";

    private static Target allowing(String network) {
        return Target.start(builder ->
                settings(builder, new ProxyProtocolSettings(true, List.of(AddressRange.parse(network + "/8")))));
    }

    private static GatewayBuilder settings(GatewayBuilder builder, ProxyProtocolSettings proxies) {
        ListenerSettings defaults = ListenerSettings.DEFAULT;
        return builder.listeners(new ListenerSettings(
                defaults.limits(),
                defaults.connectionsPerListener(),
                defaults.tlsHandshakeTimeout(),
                defaults.rejectUnderscores(),
                proxies));
    }

    @Test
    void anAllowedSenderIsBelieved() throws Exception {
        try (Target target = allowing("127.0.0.0")) {
            assertThat(target.exchange(HEADER + GET)).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(target.upstream.received()).contains("x-forwarded-for: 9.9.9.9\r\n");
        }
    }

    @Test
    void anAllowedSenderMustBeginWithAHeader() throws Exception {
        try (Target target = allowing("127.0.0.0")) {
            assertThat(target.exchange(GET)).isEmpty();
            assertThat(target.exchange("PROXY TCP4 nonsense\r\n" + GET)).isEmpty();
            assertThat(target.upstream.connectionCount()).isZero();
        }
    }

    @Test
    void aStrangersHeaderIsNoRequest() throws Exception {
        try (Target target = allowing("10.0.0.0")) {
            assertThat(target.exchange(HEADER + GET)).startsWith("HTTP/1.1 400 ");
            assertThat(target.exchange(GET)).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(target.upstream.received())
                    .contains("x-forwarded-for: 127.0.0.1\r\n")
                    .doesNotContain("9.9.9.9");
        }
    }

    @Test
    void whereItIsOffAHeaderIsNoRequest() throws Exception {
        try (Target target = Target.start()) {
            assertThat(target.exchange(HEADER + GET)).startsWith("HTTP/1.1 400 ");
            assertThat(target.upstream.connectionCount()).isZero();
        }
    }
}
