package io.sallyport.admin;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/// `/healthz/ready`: down before the first snapshot and before all that is discovered is known, during the drain, and
/// while an event loop stands still.
@org.eclipse.microprofile.health.Readiness
@Singleton
final class ReadyCheck implements HealthCheck {
    private final Readiness readiness;

    @Inject
    ReadyCheck(Readiness readiness) {
        this.readiness = readiness;
    }

    @Override
    public HealthCheckResponse call() {
        ServingState state = readiness.state();
        long blocked = readiness.blockedMillis();
        boolean complete = readiness.isComplete();
        return HealthCheckResponse.named("gateway")
                .status(state == ServingState.SERVING && complete && blocked <= Readiness.LONGEST_BLOCK_MILLIS)
                .withData("state", state.name().toLowerCase(Locale.ROOT))
                .withData("complete", complete)
                .withData("eventLoopBlockedMillis", blocked)
                .build();
    }
}
