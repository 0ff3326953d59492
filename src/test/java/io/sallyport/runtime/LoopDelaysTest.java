package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopDelaysTest {
    private static final Duration PAUSE = Duration.ofMillis(200);
    /// The tick before the pause may have come up to a period before it.
    private static final Duration SEEN = PAUSE.minusMillis(10);

    private final EventLoop idle = new DefaultEventLoop();
    private final EventLoop busy = new DefaultEventLoop();
    private final LoopDelays delays = new LoopDelays(List.of(idle, busy));

    @AfterEach
    void end() {
        idle.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        busy.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /// One task of the loop that takes so long.
    private void pause() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        busy.execute(() -> {
            begun.countDown();
            try {
                assertThat(never.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        begun.await();
    }

    @Test
    void theLongestPauseOfAnyLoopCountsForThePhaseThatItEndsIn() throws InterruptedException {
        delays.compiling();
        pause();
        await().until(() -> delays.longestOfCompile().compareTo(SEEN) > 0);
        Duration ofCompile = delays.longestOfCompile();

        delays.applying();
        pause();
        await().until(() -> delays.longestOfApply().compareTo(SEEN) > 0);

        delays.ended();
        assertThat(delays.longestOfCompile()).isGreaterThanOrEqualTo(ofCompile);
    }

    @Test
    void whatTheSwapLeavesToTheLoopCountsToo() throws InterruptedException {
        delays.compiling();
        delays.applying();
        pause();
        delays.ended();

        await().until(() -> delays.longestOfApply().compareTo(SEEN) > 0);
    }

    @Test
    void theNextReloadBeginsAnewAndInBetweenNothingRuns() throws InterruptedException {
        delays.compiling();
        delays.applying();
        pause();
        delays.ended();
        await().until(() -> delays.longestOfApply().compareTo(SEEN) > 0);
        await().until(() -> delays.idle());
        Duration before = delays.longestOfApply();
        pause();
        pause();
        assertThat(delays.longestOfApply()).isEqualTo(before);

        delays.compiling();
        await().until(() -> delays.longestOfApply().isZero());
        delays.ended();
    }
}
