package io.sallyport.cluster;

import io.sallyport.net.AddressRefusal;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Logs names with guarded addresses that requests have named: at most one line every ten seconds for each cluster,
/// because clients must not be able to fill the log. The access log has them all.
final class GuardLog {
    private static final Logger LOG = Logger.getLogger(GuardLog.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String cluster;
    private long quietUntil = System.nanoTime();

    GuardLog(String cluster) {
        this.cluster = cluster;
    }

    /// On one thread.
    void refused(AddressRefusal refusal) {
        long now = System.nanoTime();
        if (now - quietUntil >= 0) {
            quietUntil = now + PAUSE_NANOS;
            LOG.warnf(
                    "%s: the name %s has the guarded address %s (%s) and is not connected to. To allow it, %s",
                    cluster, refusal.host(), refusal.address(), refusal.reason(), AddressRefusal.REMEDY);
        }
    }
}
