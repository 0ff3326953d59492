package io.sallyport.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What stays of an attempt when another follows it.
class RequestFactsTest {
    private static final EndpointFacts FIRST = new EndpointFacts(
            "10.0.0.1:80",
            new InetSocketAddress("10.0.0.9", 40000),
            "spiffe://td/ns/prod/sa/pay",
            "spiffe://td/ns/edge/sa/gw",
            WorkloadNames.of(Map.of("app", "pay"), "prod", "pay", null));

    private final RequestFacts facts = new RequestFacts();

    @Test
    void anEndpointThatCannotBeConnectedHasNothingOfTheOneBefore() {
        facts.connected(FIRST);
        facts.notConnected("10.0.0.2:80", ProxyException.gateway(ResponseFlag.UF, "refused"));

        assertThat(facts.endpoint).isEqualTo(new EndpointFacts("10.0.0.2:80", null, null, null, null));
        assertThat(facts.transportFailure).isEqualTo("refused");

        facts.connected(FIRST);
        assertThat(facts.endpoint).isEqualTo(FIRST);
        assertThat(facts.transportFailure).isNull();
    }

    @Test
    void whatDoesNotComeToAnEndpointLeavesTheOneBefore() {
        facts.connected(FIRST);
        facts.notConnected(null, ProxyException.gateway(ResponseFlag.UH, "no_healthy_upstream"));
        assertThat(facts.endpoint).isEqualTo(FIRST);

        facts.notConnected("10.0.0.2:80", ProxyException.gateway(ResponseFlag.UO, "overflow"));
        assertThat(facts.endpoint).isEqualTo(FIRST);
    }
}
