package scale;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// Asks for a host until it answers.
final class FirstAnswer {
    /// A route that is not in force by then has been lost.
    private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Connection connection;
    private int wrong;

    FirstAnswer(Connection connection) {
        this.connection = connection;
    }

    /// Nanoseconds from that moment to the first 200.
    long await(String host, long since) throws IOException, InterruptedException {
        while (true) {
            int status = connection.get(host);
            long took = System.nanoTime() - since;
            if (status == 200) {
                return took;
            }
            if (status != 404 || took > BOUND_NANOS) {
                wrong++;
                return took;
            }
            Thread.sleep(1);
        }
    }

    void expect(int status, String host) throws IOException {
        if (connection.get(host) != status) {
            wrong++;
        }
    }

    /// Answers other than 404 before and 200 after, and routes that did not come.
    int wrong() {
        return wrong;
    }
}
