package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.outcome.RequestFacts;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class EndpointTest {
    private final Endpoint endpoint =
            new Endpoint(new EndpointSpec("127.0.0.1", 80), new InetSocketAddress("127.0.0.1", 80), true);

    private RequestFacts on(Channel connection) {
        RequestFacts facts = new RequestFacts();
        endpoint.identify(facts, connection);
        return facts;
    }

    /// Several processes may be behind one address, and one may be replaced while connections to it are kept.
    @Test
    void whoItIsDependsOnTheConnection() {
        EmbeddedChannel kept = new EmbeddedChannel();
        EmbeddedChannel later = new EmbeddedChannel();
        EmbeddedChannel bare = new EmbeddedChannel();
        assertThat(on(kept).upstreamPrincipal).isNull();
        endpoint.identified(kept, "spiffe://td/ns/prod/sa/pay", "spiffe://td/ns/edge/sa/gateway");
        endpoint.identified(later, "spiffe://td/ns/prod/sa/billing", null);
        endpoint.identified(bare, null, null);

        assertThat(on(kept).upstreamPrincipal).isEqualTo("spiffe://td/ns/prod/sa/pay");
        assertThat(on(kept).ownPrincipal).isEqualTo("spiffe://td/ns/edge/sa/gateway");
        assertThat(on(later).upstreamPrincipal).isEqualTo("spiffe://td/ns/prod/sa/billing");
        assertThat(on(later).ownPrincipal).isNull();
        assertThat(on(bare).upstreamPrincipal).isNull();
    }
}
