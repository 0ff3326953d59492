package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopMonitorTest {
    private static final Duration PAUSE = Duration.ofMillis(200);
    /// The tick before the pause may have come up to a period before it.
    private static final Duration SEEN = PAUSE.minusMillis(10);

    private final EventLoop idle = new DefaultEventLoop();
    private final EventLoop busy = new DefaultEventLoop();
    private final EventLoopMonitor monitor = new EventLoopMonitor(List.of(idle, busy));

    @AfterEach
    void end() {
        monitor.close();
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
        monitor.compiling();
        pause();
        await().until(() -> monitor.longestOfCompile().compareTo(SEEN) > 0);
        Duration ofCompile = monitor.longestOfCompile();

        monitor.applying();
        pause();
        await().until(() -> monitor.longestOfApply().compareTo(SEEN) > 0);

        monitor.ended();
        assertThat(monitor.longestOfCompile()).isGreaterThanOrEqualTo(ofCompile);
    }

    @Test
    void whatTheSwapLeavesToTheLoopCountsToo() throws InterruptedException {
        monitor.compiling();
        monitor.applying();
        pause();
        monitor.ended();

        await().until(() -> monitor.longestOfApply().compareTo(SEEN) > 0);
    }

    @Test
    void theNextReloadBeginsAnewAndNothingIsMeasuredInBetween() throws InterruptedException {
        monitor.compiling();
        monitor.applying();
        pause();
        monitor.ended();
        await().until(() -> monitor.longestOfApply().compareTo(SEEN) > 0);
        await().until(() -> monitor.isIdle());
        Duration before = monitor.longestOfApply();
        pause();
        pause();
        assertThat(monitor.longestOfApply()).isEqualTo(before);

        monitor.compiling();
        await().until(() -> monitor.longestOfApply().isZero());
        monitor.ended();
    }

    @Test
    void aLoopThatStandsStillIsBlockedUntilItGoesOnOrIsShutDown() throws InterruptedException {
        CountDownLatch end = block();
        await().until(() -> monitor.blockedMillis() > 200);
        end.countDown();
        await().until(() -> monitor.blockedMillis() < 200);

        CountDownLatch otherEnd = block();
        await().until(() -> monitor.blockedMillis() > 200);
        busy.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        await().until(() -> monitor.blockedMillis() < 200);
        otherEnd.countDown();
    }

    @Test
    void aPauseIsRememberedForTheMetrics() throws InterruptedException {
        CountDownLatch end = block();
        await().until(() -> monitor.longestOfLate().compareTo(SEEN) > 0);
        end.countDown();
        await().until(() -> monitor.blockedMillis() == 0);

        assertThat(monitor.longestOfLate()).isGreaterThan(SEEN);
    }

    @Test
    void aStallIsKeptWithItsStackWhereSomebodyLooked() throws InterruptedException {
        assertThat(monitor.stalls().getJsonArray("stalls")).isEmpty();
        CountDownLatch end = block();
        await().until(() -> !monitor.stalls().getJsonArray("stalls").isEmpty()
                && !first().getJsonArray("stack").isEmpty());
        assertThat(first().getBoolean("ongoing")).isTrue();
        assertThat(first().getJsonArray("stack").toString()).contains("CountDownLatch.await", "lambda$block");
        end.countDown();
        await().until(() -> !first().getBoolean("ongoing"));

        JsonObject stall = first();
        assertThat(stall.getString("loop")).isNotEmpty();
        assertThat(stall.getLong("lateMillis")).isGreaterThanOrEqualTo(100);
        assertThat(Instant.parse(stall.getString("since"))).isBefore(Instant.now());
        assertThat(stall.getJsonArray("stack").toString()).contains("CountDownLatch.await");
    }

    @Test
    void theLastHundredStallsAreKept() {
        for (int i = 0; i < 150; i++) {
            monitor.remember(new EventLoopMonitor.Stall(Instant.EPOCH, "loop", i * 1_000_000L, false, List.of()));
        }
        assertThat(monitor.stalls().getJsonArray("stalls")).hasSize(100);
        assertThat(first().getLong("lateMillis")).as("the latest first").isEqualTo(149);
    }

    private JsonObject first() {
        return monitor.stalls().getJsonArray("stalls").getJsonObject(0);
    }

    /// The loop stands still until the latch is counted down.
    private CountDownLatch block() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        busy.execute(() -> {
            begun.countDown();
            try {
                assertThat(end.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        begun.await();
        return end;
    }
}
