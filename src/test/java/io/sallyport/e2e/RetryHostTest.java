package io.sallyport.e2e;

import static io.sallyport.e2e.RetryFixture.GET;
import static io.sallyport.e2e.RetryFixture.gateway;
import static io.sallyport.e2e.RetryFixture.largeBudget;
import static io.sallyport.e2e.RetryFixture.requests;
import static io.sallyport.e2e.RetryFixture.route;
import static io.sallyport.e2e.RetryFixture.service;
import static io.sallyport.e2e.RetryFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which endpoint a request goes to after one has failed it.
class RetryHostTest {
    @Test
    void anEndpointThatRefusesIsPassedOverWithoutAFailureAndWithoutAPause() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway =
                        gateway("retries: {attempts: 1, backoff: 60s}", ClosedPort.number(), upstream.port())) {
            for (int i = 0; i < 40; i++) {
                assertThat(RawClient.exchange(gateway.port(80), GET)).startsWith("HTTP/1.1 200 ");
            }
            await().until(() -> gateway.facts().size() == 40);
            assertThat(gateway.facts())
                    .anySatisfy(facts -> assertThat(facts.attempts).isEqualTo(2));
        }
    }

    @Test
    void hostsTriedBeforeAreAvoidedUnlessTheRouteSaysOtherwise() throws Exception {
        try (RawUpstream one = RawUpstream.answering(status(503));
                RawUpstream two = RawUpstream.answering(status(503));
                RawUpstream three = RawUpstream.answering(status(503));
                TestGateway gateway =
                        gateway("retries: {attempts: 2, retryOn: 5xx}", one.port(), two.port(), three.port())) {
            for (int i = 1; i <= 5; i++) {
                RawClient.exchange(gateway.port(80), GET);
                assertThat(requests(one)).isEqualTo(i);
                assertThat(requests(two)).isEqualTo(i);
                assertThat(requests(three)).isEqualTo(i);
            }
        }
    }

    @Test
    void theHostMayBeTriedAgainWhereTheRouteSaysSo() throws Exception {
        try (RawUpstream one = RawUpstream.answering(status(503));
                RawUpstream two = RawUpstream.answering(status(503));
                TestGateway gateway = gateway(
                        "retries: {attempts: 1, retryOn: 5xx, backoff: 1ms, retryIgnorePreviousHosts: false}",
                        one.port(),
                        two.port())) {
            boolean twiceTheSame = false;
            for (int i = 1; i <= 30; i++) {
                RawClient.exchange(gateway.port(80), GET);
                twiceTheSame |= requests(one) != i;
            }
            assertThat(twiceTheSame).isTrue();
        }
    }

    /// Istio sets no `previous_hosts` there: the key's endpoint is where the request belongs.
    @ParameterizedTest
    @CsvSource({"'', 3", "', retryIgnorePreviousHosts: true', 1", "', retryIgnorePreviousHosts: false', 3"})
    void withConsistentHashTheHostIsTriedAgainUnlessTheRouteSaysOtherwise(String field, int tries) throws Exception {
        try (RawUpstream one = RawUpstream.answering(status(503));
                RawUpstream two = RawUpstream.answering(status(503));
                RawUpstream three = RawUpstream.answering(status(503));
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + service(one.port(), two.port(), three.port())
                        + largeBudget()
                                .replace(
                                        "trafficPolicy: {",
                                        "trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}, ")
                        + route("retries: {attempts: 2, retryOn: 5xx, backoff: 1ms" + field + "}"))) {
            RawClient.exchange(gateway.port(80), GET);

            assertThat(List.of(requests(one), requests(two), requests(three)))
                    .satisfies(counts -> assertThat(Collections.max(counts)).isEqualTo(tries));
        }
    }

    @Test
    void withConsistentHashARefusalIsRetriedWithAPauseAndOutOfTheBudget() throws Exception {
        try (TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                + service(ClosedPort.number(), ClosedPort.number())
                + largeBudget()
                        .replace(
                                "trafficPolicy: {",
                                "trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}, ")
                        .replace("percent: 100, minRetryConcurrency: 1000", "percent: 0, minRetryConcurrency: 1")
                + route("retries: {attempts: 5, backoff: 1ms}"))) {
            RawClient.exchange(gateway.port(80), GET);

            assertThat(gateway.firstFacts().attempts).isEqualTo(2);
            assertThat(gateway.firstFacts().flags()).isEqualTo("UF,UO");
        }
    }

    @Test
    void anotherLocalityIsTriedWhereTheRouteSaysSo() throws Exception {
        try (RawUpstream one = RawUpstream.answering(status(503));
                RawUpstream two = RawUpstream.answering(status(503));
                RawUpstream remote = RawUpstream.ok("remote");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + service(one.port(), two.port(), remote.port())
                                .replace("{port: " + one.port() + "}", "{port: " + one.port() + "}, locality: eu/a")
                                .replace("{port: " + two.port() + "}", "{port: " + two.port() + "}, locality: eu/a")
                                .replace(
                                        "{port: " + remote.port() + "}",
                                        "{port: " + remote.port() + "}, locality: us/a")
                        + largeBudget()
                        + route("retries: {attempts: 1, retryOn: 5xx, retryRemoteLocalities: true}"))) {
            for (int i = 0; i < 20; i++) {
                assertThat(RawClient.exchange(gateway.port(80), GET)).endsWith("\r\n\r\nremote");
            }
        }
    }
}
