package io.sallyport.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadyCheckTest {
    private final Readiness readiness = new Readiness();

    @Test
    void readyIsOnlyWhoServes() {
        assertThat(ready()).isEqualTo(Status.DOWN);
        readiness.serving();
        assertThat(ready()).isEqualTo(Status.UP);
        readiness.draining();
        assertThat(ready()).isEqualTo(Status.DOWN);
    }

    @Test
    void readyIsOnlyWhoHasEverything() {
        var complete = new AtomicBoolean();
        readiness.serving();
        readiness.completeWhen(complete::get);
        assertThat(ready()).isEqualTo(Status.DOWN);
        complete.set(true);
        assertThat(ready()).isEqualTo(Status.UP);
    }

    @Test
    void aDrainIsNotUndoneByAStartThatEndsLate() {
        readiness.draining();
        readiness.serving();

        assertThat(readiness.state()).isEqualTo(ServingState.DRAINING);
    }

    @ParameterizedTest(name = "after {0} ms: ready {1}, live {2}")
    @CsvSource({"0, UP, UP", "5000, UP, UP", "5001, DOWN, UP", "20000, DOWN, UP", "20001, DOWN, DOWN"})
    void anEventLoopThatStandsStillFailsReadinessAndLaterLiveness(long millis, Status ready, Status live) {
        readiness.serving();
        readiness.blockedBy(() -> millis, Duration.ofSeconds(20));

        assertThat(ready()).isEqualTo(ready);
        assertThat(new LiveCheck(readiness).call().getStatus()).isEqualTo(live);
    }

    private Status ready() {
        return new ReadyCheck(readiness).call().getStatus();
    }
}
