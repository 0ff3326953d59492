package io.sallyport.admin;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/// `/healthz/live`: down only where a restart is the one thing that helps, an event loop that has stood still for a
/// minute.
@Liveness
@Singleton
final class LiveCheck implements HealthCheck {
    static final long LONGEST_BLOCK_MILLIS = 60_000;

    private final Readiness readiness;

    @Inject
    LiveCheck(Readiness readiness) {
        this.readiness = readiness;
    }

    @Override
    public HealthCheckResponse call() {
        long blocked = readiness.blockedMillis();
        return HealthCheckResponse.named("event loops")
                .status(blocked <= LONGEST_BLOCK_MILLIS)
                .withData("eventLoopBlockedMillis", blocked)
                .build();
    }
}
