package io.sallyport.admin;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/// `/healthz/live`: down only where nothing but a restart helps, when an event loop has been blocked for longer
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
