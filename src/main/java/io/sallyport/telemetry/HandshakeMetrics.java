package io.sallyport.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// `sallyport_downstream_tls_failures_total{reason}`: clients' connections to TLS ports whose handshake failed.
public final class HandshakeMetrics {
    private final MeterRegistry registry;
    private final Map<String, Counter> failures = new ConcurrentHashMap<>();

    public HandshakeMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /// Metrics that nobody reads.
    public static HandshakeMetrics unread() {
        return new HandshakeMetrics(new CompositeMeterRegistry());
    }

    /// Any thread may call it.
    ///
    /// @param reason one of a fixed few words, in lower case
    public void failed(String reason) {
        failures.computeIfAbsent(reason, this::counter).increment();
    }

    private Counter counter(String reason) {
        return Counter.builder("sallyport.downstream.tls.failures")
                .description("Connections of clients that did not come to the end of the TLS handshake.")
                .tag("reason", reason)
                .register(registry);
    }
}
