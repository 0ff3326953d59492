package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfigurationMetricsTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ConfigurationMetrics metrics = new ConfigurationMetrics(registry);
    private final TestClock clock = new TestClock(START);

    private Map<String, Double> secondsLeft() {
        return seconds("sallyport.certificate.seconds.left");
    }

    private Map<String, Double> seconds(String metric) {
        return seconds(metric, "certificate");
    }

    private Map<String, Double> seconds(String metric, String label) {
        Map<String, Double> seconds = new HashMap<>();
        for (Meter meter : registry.getMeters()) {
            if (meter.getId().getName().equals(metric)) {
                seconds.put(
                        meter.getId().getTag(label),
                        meter.measure().iterator().next().getValue());
            }
        }
        return seconds;
    }

    @Test
    void secondsThatCertificatesHaveLeftGoWithTheClockAndWithTheCertificates() {
        metrics.certificates(
                Map.of(
                        "default/a", START.plusSeconds(90),
                        "default/a/ca.crt", START.plus(Duration.ofDays(1)),
                        "/etc/tls/b.pem", START.minusSeconds(5)),
                Map.of("default/a", Duration.ofHours(1)),
                clock);
        assertThat(seconds("sallyport.certificate.lifetime.seconds")).isEqualTo(Map.of("default/a", 3600.0));
        assertThat(secondsLeft())
                .isEqualTo(Map.of("default/a", 90.0, "default/a/ca.crt", 86_400.0, "/etc/tls/b.pem", -5.0));

        clock.set(START.plusSeconds(100));
        assertThat(secondsLeft()).containsEntry("default/a", -10.0).containsEntry("/etc/tls/b.pem", -105.0);

        metrics.certificates(Map.of("default/a", START.plusSeconds(1000)), Map.of(), clock);
        assertThat(secondsLeft()).isEqualTo(Map.of("default/a", 900.0));
        assertThat(seconds("sallyport.certificate.lifetime.seconds")).isEmpty();
        metrics.certificates(Map.of(), Map.of(), clock);
        assertThat(secondsLeft()).isEmpty();
    }

    @Test
    void secondsThatJwtSvidsHaveLeftGoWithTheClockAndWithTheAudiences() {
        Map<String, Instant> ends = new HashMap<>(Map.of("https://api.test", START.plusSeconds(300)));
        metrics.jwtSvids(Set.of("https://api.test", "https://other.test"), ends::get, clock);
        assertThat(svids()).isEqualTo(Map.of("https://api.test", 300.0, "https://other.test", 0.0));

        clock.set(START.plusSeconds(310));
        assertThat(svids()).containsEntry("https://api.test", -10.0);
        ends.put("https://api.test", START.plusSeconds(600));
        assertThat(svids()).as("renewed").containsEntry("https://api.test", 290.0);

        metrics.jwtSvids(Set.of(), ends::get, clock);
        assertThat(svids()).isEmpty();
    }

    private Map<String, Double> svids() {
        return seconds("sallyport.jwt.svid.seconds.left", "audience");
    }
}
