package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyHeaderTest {
    /// Seconds; 0 is for ever.
    @ParameterizedTest
    @CsvSource({"0, 10, 0", "3600, 10, 3600", "11, 10, 11", "10, 10, 10", "9, 9, 9"})
    void aClientsConnectionIsNotIdleForLong(long configured, long ofClient, long ofNobody) {
        InetSocketAddress somebody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        ProxyHeader named = new ProxyHeader(HAProxyProtocolVersion.V1, somebody, somebody);
        ProxyHeader nobody = new ProxyHeader(HAProxyProtocolVersion.V1, null, null);

        assertThat(named.longestIdle(TimeUnit.SECONDS.toNanos(configured)))
                .isEqualTo(TimeUnit.SECONDS.toNanos(ofClient));
        assertThat(nobody.longestIdle(TimeUnit.SECONDS.toNanos(configured)))
                .isEqualTo(TimeUnit.SECONDS.toNanos(ofNobody));
    }
}
