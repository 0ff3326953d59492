package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReloadRequestsTest {
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final Semaphore mayEnd = new Semaphore(0);
    private final ReloadRequests requests = new ReloadRequests(() -> {
        begun.incrementAndGet();
        mayEnd.acquireUninterruptibly();
        ended.incrementAndGet();
    });

    @AfterEach
    void close() {
        requests.close();
    }

    @Test
    void whatIsAskedForDuringAReloadIsServedByOneMore() {
        requests.ask();
        await().until(() -> begun.get() == 1);
        for (int i = 0; i < 100; i++) {
            requests.ask();
        }
        assertThat(begun).hasValue(1);

        mayEnd.release(2);
        await().until(() -> ended.get() == 2);
        // The next one is the third: no other came of the hundred.
        requests.ask();
        await().until(() -> begun.get() == 3);
        mayEnd.release();
        await().until(() -> ended.get() == 3);
    }

    @Test
    void aDefectCostsItsReloadAlone() {
        AtomicInteger calls = new AtomicInteger();
        try (ReloadRequests failing = new ReloadRequests(() -> {
            if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("a defect");
            }
        })) {
            failing.ask();
            await().until(() -> calls.get() == 1);
            failing.ask();
            await().until(() -> calls.get() == 2);
        }
    }
}
