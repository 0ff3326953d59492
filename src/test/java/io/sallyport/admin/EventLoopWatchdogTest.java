package io.sallyport.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EventLoopWatchdogTest {
    private final AtomicLong now = new AtomicLong();
    private final Queue<Runnable> first = new ArrayDeque<>();
    private final Queue<Runnable> second = new ArrayDeque<>();
    private final EventLoopWatchdog watchdog =
            new EventLoopWatchdog(List.<Executor>of(first::add, second::add), now::get);

    @Test
    void loopsThatAnswerAreNotBlocked() {
        look();
        answer(first);
        answer(second);
        pass(Duration.ofMinutes(1));

        assertThat(watchdog.blockedMillis()).isZero();
    }

    @Test
    void theLoopThatHasStoodStillLongestCounts() {
        look();
        answer(first);
        pass(Duration.ofSeconds(2));
        look();
        pass(Duration.ofSeconds(4));

        assertThat(watchdog.blockedMillis()).isEqualTo(6_000);
    }

    @Test
    void aLoopThatGoesOnIsForgiven() {
        look();
        pass(Duration.ofSeconds(10));
        look();
        assertThat(first).as("one task waits, however long").hasSize(1);
        answer(first);
        answer(second);

        assertThat(watchdog.blockedMillis()).isZero();
        look();
        assertThat(first).hasSize(1);
    }

    @Test
    void aLoopThatIsShutDownIsNotBlocked() {
        var gone = new EventLoopWatchdog(
                List.<Executor>of(_ -> {
                    throw new RejectedExecutionException();
                }),
                now::get);
        gone.look();
        pass(Duration.ofSeconds(10));

        assertThat(gone.blockedMillis()).isZero();
    }

    private void look() {
        watchdog.look();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static void answer(Queue<Runnable> loop) {
        loop.remove().run();
    }
}
