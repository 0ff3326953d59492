package io.sallyport.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;

/// What runs, and how promptly: `sallyport_build_info{version, runtime="jvm|native"}` and Istio's
/// `istio_build{component="proxy", tag}`, both always 1, and `sallyport_event_loop_delay_seconds`.
public final class ProcessMetrics {
    private static final double NANOS_PER_SECOND = 1e9;

    private ProcessMetrics() {}

    /// @param version of the gateway
    public static void build(MeterRegistry registry, String version) {
        boolean isNative = "runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"));
        Gauge.builder("sallyport.build.info", () -> 1)
                .description("What was built: always 1.")
                .tag("version", version)
                .tag("runtime", isNative ? "native" : "jvm")
                .register(registry);
        Gauge.builder("istio.build", () -> 1)
                .description("The version of the proxy, as Istio's components say theirs: always 1.")
                .tag("component", "proxy")
                .tag("tag", version)
                .register(registry);
    }

    /// @param longest how late an event loop came at most to what was due, within the last minute
    public static void loopDelay(MeterRegistry registry, Supplier<Duration> longest) {
        Gauge.builder("sallyport.event.loop.delay.seconds", () -> longest.get().toNanos() / NANOS_PER_SECOND)
                .description("How late an event loop came at most to what was due within the last minute,"
                        + " by a look each second.")
                .register(registry);
    }
}
