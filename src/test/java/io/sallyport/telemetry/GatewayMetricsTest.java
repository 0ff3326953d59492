package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class GatewayMetricsTest {
    private final Scraped scraped = new Scraped();
    private final MeterRegistry registry = scraped.exposition.registry();

    @Test
    void aRefusedReloadShowsUntilTheNextThatIsServed() {
        var configuration = new ConfigurationMetrics(registry);
        assertThat(lines()).contains("sallyport_config_generation 0.0", "sallyport_config_last_reload_success 0.0");

        configuration.served(1, 1_777_636_800_500L, "ffffffffffff0000/secrets", true);
        configuration.refused();
        assertThat(lines())
                .contains(
                        "sallyport_config_generation 1.0",
                        "sallyport_config_hash 281474976710655.0",
                        "sallyport_config_last_reload_success 0.0",
                        "sallyport_config_last_success_timestamp_seconds 1.7776368005E9",
                        "sallyport_config_reloads_total{result=\"success\"} 1.0",
                        "sallyport_config_reloads_total{result=\"refused\"} 1.0");

        configuration.resources("held", () -> 3);
        assertThat(lines()).contains("sallyport_config_resources{state=\"held\"} 3.0");
        configuration.served(2, 1_777_636_800_900L, "000000000000ffff/secrets", false);
        assertThat(lines()).contains("sallyport_config_last_reload_success 0.0");
        configuration.served(2, 1_777_636_801_000L, "000000000001ffff/secrets", true);
        configuration.took(Duration.ofMillis(1500), Duration.ofMillis(20));
        configuration.loopDelays(() -> Duration.ofMillis(3), () -> Duration.ofMillis(2));
        assertThat(lines())
                .contains(
                        "sallyport_config_generation 2.0",
                        "sallyport_config_hash 1.0",
                        "sallyport_config_last_reload_success 1.0",
                        "sallyport_config_last_reload_seconds{phase=\"compile\"} 1.5",
                        "sallyport_config_last_reload_seconds{phase=\"apply\"} 0.02",
                        "sallyport_config_last_reload_loop_delay_seconds{phase=\"compile\"} 0.003",
                        "sallyport_config_last_reload_loop_delay_seconds{phase=\"apply\"} 0.002");
    }

    @Test
    void whatWasBuiltIsSaidTheGatewaysWayAndIstios() {
        ProcessMetrics.build(registry, "1.2.3");
        ProcessMetrics.loopDelay(registry, () -> Duration.ofMillis(250));

        assertThat(lines())
                .contains(
                        "sallyport_build_info{runtime=\"jvm\",version=\"1.2.3\"} 1.0",
                        "istio_build{component=\"proxy\",tag=\"1.2.3\"} 1.0",
                        "sallyport_event_loop_delay_seconds 0.25");
    }

    @Test
    void listenersAreAskedWhenSomebodyScrapes() {
        var listeners = new AtomicReference<List<ListenerMetrics.Sample>>(List.of());
        ListenerMetrics.register(scraped.exposition, listeners::get);
        assertThat(scraped.text()).doesNotContain("8443");

        listeners.set(List.of(
                new ListenerMetrics.Sample("0.0.0.0:8443", 0, true, 1, 20, 3),
                new ListenerMetrics.Sample("0.0.0.0:9443", 0, false, 0, 0, 0)));

        assertThat(lines())
                .contains(
                        "sallyport_listener_bound{listener=\"0.0.0.0:8443\"} 1.0",
                        "sallyport_listener_bound{listener=\"0.0.0.0:9443\"} 0.0",
                        "sallyport_downstream_connections_active{listener=\"0.0.0.0:8443\"} 1.0",
                        "sallyport_downstream_connections_total{listener=\"0.0.0.0:8443\"} 20.0",
                        "sallyport_downstream_connections_shed_total{listener=\"0.0.0.0:8443\"} 3.0");
    }

    @Test
    void failedHandshakesAreCountedByReason() {
        var handshakes = new HandshakeMetrics(registry);
        handshakes.failed("expired");
        handshakes.failed("expired");
        handshakes.failed("timeout");

        assertThat(lines())
                .contains(
                        "sallyport_downstream_tls_failures_total{reason=\"expired\"} 2.0",
                        "sallyport_downstream_tls_failures_total{reason=\"timeout\"} 1.0");
    }

    @Test
    void clustersAreAskedWhenSomebodyScrapes() {
        var clusters = new AtomicReference<List<ClusterMetrics.Sample>>(List.of());
        ClusterMetrics.register(scraped.exposition, clusters::get);
        assertThat(scraped.text()).doesNotContain("outbound|80");

        clusters.set(List.of(new ClusterMetrics.Sample(
                "outbound|80||a",
                0,
                2,
                1,
                3,
                40,
                5,
                6,
                7,
                new ClusterMetrics.Sample.Resilience(1, 8, 1, 9, 10, 11, 12))));

        assertThat(lines())
                .contains(
                        "sallyport_upstream_endpoints{cluster=\"outbound|80||a\"} 2.0",
                        "sallyport_upstream_requests_active{cluster=\"outbound|80||a\"} 3.0",
                        "sallyport_upstream_requests_total{cluster=\"outbound|80||a\"} 40.0",
                        "sallyport_upstream_connections_total{cluster=\"outbound|80||a\"} 5.0",
                        "sallyport_upstream_connect_failures_total{cluster=\"outbound|80||a\"} 6.0",
                        "sallyport_upstream_no_endpoint_total{cluster=\"outbound|80||a\"} 7.0",
                        "sallyport_upstream_endpoints_available{cluster=\"outbound|80||a\"} 1.0",
                        "sallyport_upstream_endpoints_ejected{cluster=\"outbound|80||a\"} 1.0",
                        "sallyport_upstream_ejections_total{cluster=\"outbound|80||a\"} 8.0",
                        "sallyport_upstream_circuit_open{cluster=\"outbound|80||a\"} 1.0",
                        "sallyport_upstream_connection_overflows_total{cluster=\"outbound|80||a\"} 9.0",
                        "sallyport_upstream_pending_overflows_total{cluster=\"outbound|80||a\"} 10.0",
                        "sallyport_upstream_request_overflows_total{cluster=\"outbound|80||a\"} 11.0",
                        "sallyport_upstream_retry_overflows_total{cluster=\"outbound|80||a\"} 12.0");
    }

    private List<String> lines() {
        return scraped.lines();
    }
}
