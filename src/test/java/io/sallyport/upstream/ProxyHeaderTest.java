package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyHeaderTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 7);
    private static final String SENT = "PROXY TCP4 192.0.2.1 192.0.2.1 7 7\r\n";

    private static String sent(EmbeddedChannel channel) {
        StringBuilder all = new StringBuilder();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            all.append(next.toString(StandardCharsets.US_ASCII));
            next.release();
        }
        return all.toString();
    }

    private static EmbeddedChannel connecting() {
        EmbeddedChannel channel = new EmbeddedChannel();
        new ProxyHeader(HAProxyProtocolVersion.V1, CLIENT, CLIENT).addTo(channel.pipeline());
        return channel;
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @Test
    void itIsSentOnceConnectedThoughNothingElseIs() {
        EmbeddedChannel channel = connecting();
        assertThat(sent(channel)).isEmpty();
        channel.pipeline().fireChannelActive();
        assertThat(sent(channel)).isEqualTo(SENT);
        channel.writeOutbound(bytes("one"), bytes("two"));
        assertThat(sent(channel)).isEqualTo("onetwo");
    }

    /// A connection that the kernel does not make at once is known to the dial before the pipeline has it.
    @Test
    void whatIsWrittenBeforeThePipelineKnowsComesAfterIt() {
        EmbeddedChannel channel = connecting();
        channel.writeOutbound(bytes("one"), bytes("two"));
        channel.pipeline().fireChannelActive();
        assertThat(sent(channel)).isEqualTo(SENT + "onetwo");
    }

    /// Seconds; 0 is for ever.
    @ParameterizedTest
    @CsvSource({"0, 10, 0", "3600, 10, 3600", "11, 10, 11", "10, 10, 10", "9, 9, 9"})
    void aClientsConnectionIsNotIdleForLong(long configured, long ofClient, long ofNobody) {
        ProxyHeader named = new ProxyHeader(HAProxyProtocolVersion.V1, CLIENT, CLIENT);
        ProxyHeader nobody = new ProxyHeader(HAProxyProtocolVersion.V1, null, null);

        assertThat(named.longestIdle(TimeUnit.SECONDS.toNanos(configured)))
                .isEqualTo(TimeUnit.SECONDS.toNanos(ofClient));
        assertThat(nobody.longestIdle(TimeUnit.SECONDS.toNanos(configured)))
                .isEqualTo(TimeUnit.SECONDS.toNanos(ofNobody));
    }
}
