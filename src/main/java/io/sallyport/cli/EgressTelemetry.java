package io.sallyport.cli;

import io.sallyport.egress.EgressLog;
import io.sallyport.egress.EgressMetrics;
import io.sallyport.egress.EgressMode;
import io.sallyport.egress.EgressUsage;
import io.sallyport.egress.EgressUsageFile;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.telemetry.Exposition;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reports what mesh clients do: metrics, the log of denials, and uses that outlive the process.
final class EgressTelemetry implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.sallyport.egress");

    private final EgressUsage usage;
    private final RequestObserver observer;
    private final @Nullable EgressUsageFile file;

    private EgressTelemetry(Settings settings, Exposition metrics) {
        usage = new EgressUsage(Clock.systemUTC(), settings.egress().maxDeniedHosts());
        if (!settings.mesh().enabled()) {
            observer = RequestObserver.NONE;
            file = null;
            return;
        }
        metrics.add(new EgressMetrics(usage));
        boolean unlistedToo = settings.egress().mode() == EgressMode.ALLOW_ANY;
        observer = usage.and(
                new EgressLog(unlistedToo, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), LOG::warn));
        file = settings.egress()
                .usageFile()
                .map(path -> EgressUsageFile.open(path, usage))
                .orElse(null);
    }

    /// Begins; without a mesh listener there is nothing to report.
    static EgressTelemetry start(Settings settings, Exposition metrics) {
        return new EgressTelemetry(settings, metrics);
    }

    EgressUsage usage() {
        return usage;
    }

    RequestObserver observer() {
        return observer;
    }

    /// Writes uses for the last time.
    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
