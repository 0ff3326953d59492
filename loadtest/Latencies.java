import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Times of one kind, all of them kept. One thread.
final class Latencies {
    private final List<Long> nanos = new ArrayList<>();

    void add(long duration) {
        nanos.add(duration);
    }

    boolean isEmpty() {
        return nanos.isEmpty();
    }

    /// @param quantile 0.5 for the median, 1 for the longest
    long millis(double quantile) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        int rank = (int) Math.ceil(quantile * sorted.size());
        return TimeUnit.NANOSECONDS.toMillis(sorted.get(Math.max(0, rank - 1)));
    }
}
