package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class EndpointTest {
    private final Endpoint endpoint =
            new Endpoint(new EndpointSpec("127.0.0.1", 80), new InetSocketAddress("127.0.0.1", 80), true);

    /// Several processes may be behind one address, and one may be replaced while connections to it are kept.
    @Test
    void whoItIsDependsOnTheConnection() {
        EmbeddedChannel kept = new EmbeddedChannel();
        EmbeddedChannel later = new EmbeddedChannel();
        EmbeddedChannel bare = new EmbeddedChannel();
        assertThat(endpoint.facts(kept).principal()).isNull();
        endpoint.identified(kept, "spiffe://td/ns/prod/sa/pay", "spiffe://td/ns/edge/sa/gateway");
        endpoint.identified(later, "spiffe://td/ns/prod/sa/billing", null);
        endpoint.identified(bare, null, null);

        assertThat(endpoint.facts(kept).principal()).isEqualTo("spiffe://td/ns/prod/sa/pay");
        assertThat(endpoint.facts(kept).ownPrincipal()).isEqualTo("spiffe://td/ns/edge/sa/gateway");
        assertThat(endpoint.facts(later).principal()).isEqualTo("spiffe://td/ns/prod/sa/billing");
        assertThat(endpoint.facts(later).ownPrincipal()).isNull();
        assertThat(endpoint.facts(bare).principal()).isNull();
    }
}
