package scale;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Requests to [Site#STEADY] at an even pace, each answer's time kept.
final class PacedTraffic implements AutoCloseable {
    private static final int CONNECTIONS = 4;
    private static final long PERIOD_NANOS = 4_000_000;
    static final int PER_SECOND = (int) (CONNECTIONS * 1_000_000_000L / PERIOD_NANOS);

    private final RunningGateway gateway;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile Times times = new Times();
    private volatile boolean closed;

    PacedTraffic(RunningGateway gateway) {
        this.gateway = gateway;
        for (int i = 0; i < CONNECTIONS; i++) {
            threads.add(Thread.ofPlatform().daemon().start(this::run));
        }
    }

    private void run() {
        try (Connection connection = new Connection(gateway.connect())) {
            long due = System.nanoTime();
            while (!closed) {
                long begin = System.nanoTime();
                if (connection.get(Site.STEADY) != 200) {
                    failures.incrementAndGet();
                }
                times.add(System.nanoTime() - begin);
                due += PERIOD_NANOS;
                LockSupport.parkNanos(due - System.nanoTime());
            }
        } catch (IOException lost) {
            failures.incrementAndGet();
        }
    }

    /// Answers other than 200, and connections lost.
    int failures() {
        return failures.get();
    }

    /// The times since the last call.
    Times take() {
        Times taken = times;
        times = new Times();
        return taken;
    }

    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
