package io.sallyport.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What generation is served, and how reloads go: `sallyport_config_generation`, `sallyport_config_hash`,
/// `sallyport_config_last_reload_success` (1 or 0), `sallyport_config_last_success_timestamp_seconds`,
/// `sallyport_config_reloads_total{result="success|refused"}`, `sallyport_config_retry_due` (1 or 0),
/// `sallyport_config_last_reload_seconds{phase="compile|apply"}`,
/// `sallyport_config_resources{state="served|held|left-out"}`,
/// `sallyport_config_last_reload_loop_delay_seconds{phase="compile|apply"}`; and how long the certificates in use are
/// valid: `sallyport_certificate_seconds_left{certificate="namespace/name"}`, negative after their end, and, but for
/// authorities, `sallyport_certificate_lifetime_seconds`. Authorities are `namespace/name/ca.crt`; what is from a file
/// has its path. Likewise `sallyport_jwt_svid_seconds_left{audience="…"}`, 0 where there is none.
public final class ConfigurationMetrics {
    private static final double NANOS_PER_SECOND = 1e9;
    /// Of the hash: as many as a double holds exactly.
    private static final int HEX_DIGITS = 12;

    private final MeterRegistry registry;
    private final Counter successes;
    private final Counter refusals;
    private final MultiGauge certificates;
    private final MultiGauge lifetimes;
    private final MultiGauge svids;
    private volatile long generation;
    private volatile long hash;
    private volatile boolean lastSucceeded;
    private volatile double lastSuccessSeconds;
    private volatile Duration lastCompile = Duration.ZERO;
    private volatile Duration lastApply = Duration.ZERO;

    public ConfigurationMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("sallyport.config.generation", this, metrics -> metrics.generation)
                .description("Number of the configuration that is served; 0 before the first.")
                .register(registry);
        Gauge.builder("sallyport.config.hash", this, metrics -> metrics.hash)
                .description(
                        "Of the names and contents of the files that are served: the same number wherever these are.")
                .register(registry);
        Gauge.builder("sallyport.config.last.reload.success", this, metrics -> metrics.lastSucceeded ? 1 : 0)
                .description("Whether the last configuration read is the one that is served, as a whole.")
                .register(registry);
        Gauge.builder("sallyport.config.last.success.timestamp.seconds", this, metrics -> metrics.lastSuccessSeconds)
                .description("When the configuration that is served came into force, seconds since 1970.")
                .register(registry);
        lastReload("compile", () -> lastCompile).register(registry);
        lastReload("apply", () -> lastApply).register(registry);
        successes = reloads(registry, "success");
        refusals = reloads(registry, "refused");
        certificates = MultiGauge.builder("sallyport.certificate.seconds.left")
                .description(
                        "Until the certificate, or the first of its chain or bundle, expires; negative when it has.")
                .register(registry);
        lifetimes = MultiGauge.builder("sallyport.certificate.lifetime.seconds")
                .description("From the beginning of the certificate's validity to the end.")
                .register(registry);
        svids = MultiGauge.builder("sallyport.jwt.svid.seconds.left")
                .description("Until the gateway's JWT-SVID for the audience expires; 0 or less where there is none.")
                .register(registry);
    }

    /// The gateway's JWT-SVIDs for these audiences are wanted from now on.
    ///
    /// @param end until when that of an audience is valid; null where there is none
    public void jwtSvids(Set<String> audiences, Function<String, @Nullable Instant> end, Clock clock) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        for (String audience : audiences) {
            rows.add(MultiGauge.Row.of(Tags.of("audience", audience), () -> secondsLeft(end.apply(audience), clock)));
        }
        svids.register(rows, true);
    }

    private static long secondsLeft(@Nullable Instant end, Clock clock) {
        return end == null ? 0 : Duration.between(clock.instant(), end).toSeconds();
    }

    private static Gauge.Builder<?> lastReload(String phase, Supplier<Duration> took) {
        return Gauge.builder("sallyport.config.last.reload.seconds", () -> seconds(took))
                .description("How long the configuration that is served took: from reading to compiled, and from there"
                        + " until it was in force.")
                .tag("phase", phase);
    }

    /// How many resources there are in a state.
    ///
    /// @param state as the label has it
    public void resources(String state, Supplier<Integer> count) {
        Gauge.builder("sallyport.config.resources", count, Supplier::get)
                .description("Resources of the configuration that is served: as their files have them, held at an older"
                        + " version, or left out because of errors.")
                .tag("state", state)
                .strongReference(true)
                .register(registry);
    }

    /// Whether a refused configuration is going to be tried again.
    public void retryDue(BooleanSupplier isDue) {
        Gauge.builder("sallyport.config.retry.due", isDue, due -> due.getAsBoolean() ? 1 : 0)
                .description("Whether a configuration that was refused for a passing reason is tried again.")
                .strongReference(true)
                .register(registry);
    }

    /// How late an event loop came at most to what was due during the last reload.
    ///
    /// @param compile while it was read and compiled
    /// @param apply from there until it was in force, and shortly after
    public void loopDelays(Supplier<Duration> compile, Supplier<Duration> apply) {
        loopDelay("compile", compile);
        loopDelay("apply", apply);
    }

    private void loopDelay(String phase, Supplier<Duration> longest) {
        Gauge.builder("sallyport.config.last.reload.loop.delay.seconds", () -> seconds(longest))
                .description("How late an event loop came at most to what was due while the last configuration was"
                        + " read and compiled, and from there until shortly after it was in force.")
                .tag("phase", phase)
                .register(registry);
    }

    private static double seconds(Supplier<Duration> duration) {
        return duration.get().toNanos() / NANOS_PER_SECOND;
    }

    private static Counter reloads(MeterRegistry registry, String result) {
        return Counter.builder("sallyport.config.reloads")
                .description("Configurations read, the first one included.")
                .tag("result", result)
                .register(registry);
    }

    /// A generation is being served.
    ///
    /// @param millis when it came into force, milliseconds since 1970
    /// @param contentHash in hex; what follows the hash of the files differs between instances
    /// @param whole false where resources are held or left out
    public void served(long generation, long millis, String contentHash, boolean whole) {
        this.generation = generation;
        hash = Long.parseLong(contentHash.substring(0, HEX_DIGITS), 16);
        lastSucceeded = whole;
        lastSuccessSeconds = millis / 1000.0;
        successes.increment();
    }

    /// How long the generation took that is being served.
    public void took(Duration compile, Duration apply) {
        lastCompile = compile;
        lastApply = apply;
    }

    /// These certificates are served or shown from now on.
    ///
    /// @param ends when each expires, by where it is from
    /// @param lives how long each is valid in all, likewise; without authorities
    public void certificates(Map<String, Instant> ends, Map<String, Duration> lives, Clock clock) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        ends.forEach((source, end) ->
                rows.add(MultiGauge.Row.of(Tags.of("certificate", source), () -> secondsLeft(end, clock))));
        certificates.register(rows, true);
        List<MultiGauge.Row<?>> whole = new ArrayList<>();
        lives.forEach(
                (source, life) -> whole.add(MultiGauge.Row.of(Tags.of("certificate", source), () -> life.toSeconds())));
        lifetimes.register(whole, true);
    }

    /// A configuration was refused; the generation before it stays in force.
    public void refused() {
        lastSucceeded = false;
        refusals.increment();
    }
}
