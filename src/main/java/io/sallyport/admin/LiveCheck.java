package io.sallyport.admin;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/// `/healthz/live`: down only where a restart is the one thing that helps, an event loop that has stood still for
/// longer
/// than `sallyport.health.max-blocked`.
@Liveness
@Singleton
final class LiveCheck implements HealthCheck {
    private final Readiness readiness;

    @Inject
    LiveCheck(Readiness readiness) {
        this.readiness = readiness;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("event loops")
                .status(!readiness.isStuck())
                .withData("eventLoopBlockedMillis", readiness.blockedMillis())
                .build();
    }
}
