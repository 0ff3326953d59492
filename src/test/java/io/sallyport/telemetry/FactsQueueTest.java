package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// No gathering ends by its time here: only what the ring holds ends it.
@Timeout(30)
class FactsQueueTest {
    private static final int CAPACITY = 64;
    private static final String THREAD = "facts-of-test";

    private final AtomicInteger taken = new AtomicInteger();
    private final FactsQueue queue = new FactsQueue(THREAD, CAPACITY, Duration.ofHours(1), new FactsQueue.Taker() {
        @Override
        public void take(RequestFacts facts) {
            taken.incrementAndGet();
        }

        @Override
        public void flush() {}
    });

    @AfterEach
    void close() {
        queue.close();
    }

    @ParameterizedTest
    @CsvSource({"by number, 33, 0", "by weight, 9, 500000"})
    void aRingThatIsHalfFullEndsTheGathering(String way, int number, int weight) {
        queue.start();
        for (int round = 1; round <= 5; round++) {
            awaitState(Thread.State.WAITING);
            offer(1, weight);
            awaitState(Thread.State.TIMED_WAITING);
            offer(number - 1, weight);

            int offered = round * number;
            await().untilAsserted(() -> assertThat(taken).hasValue(offered));
        }
        assertThat(queue.dropped()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"by number, 32, 0", "by weight, 8, 500000"})
    void whatIsLessWaitsForMore(String way, int number, int weight) {
        queue.start();
        awaitState(Thread.State.WAITING);
        offer(1, weight);
        awaitState(Thread.State.TIMED_WAITING);
        offer(number - 1, weight);

        assertThat(thread().getState()).isEqualTo(Thread.State.TIMED_WAITING);
        assertThat(taken).hasValue(0);
        queue.close();
        assertThat(taken).as("the close takes them").hasValue(number);
    }

    private void offer(int number, int weight) {
        for (int i = 0; i < number; i++) {
            RequestFacts facts = new RequestFacts();
            facts.path = "x".repeat(weight);
            queue.offer(facts);
        }
    }

    /// WAITING for something to come, TIMED_WAITING for more.
    private static void awaitState(Thread.State state) {
        await().until(() -> thread().getState() == state);
    }

    private static Thread thread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(THREAD))
                .findFirst()
                .orElseThrow();
    }
}
