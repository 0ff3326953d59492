import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/// What was done and what of it failed, by kind. Any thread.
final class Tally {
    /// Of thousands of failures the first ones tell.
    private static final int MESSAGES = 20;

    private final Map<String, LongAdder> done = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> failed = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> messages = new ConcurrentLinkedQueue<>();

    void did(String kind) {
        done.computeIfAbsent(kind, _ -> new LongAdder()).increment();
    }

    void failed(String kind, String message) {
        failed.computeIfAbsent(kind, _ -> new LongAdder()).increment();
        if (messages.size() < MESSAGES) {
            messages.add(kind + ": " + message);
        }
    }

    long count(String kind) {
        return sum(done, kind);
    }

    long failed(String kind) {
        return sum(failed, kind);
    }

    int failures() {
        return failed.values().stream().mapToInt(LongAdder::intValue).sum();
    }

    List<String> messages() {
        return List.copyOf(messages);
    }

    private static long sum(Map<String, LongAdder> counts, String kind) {
        LongAdder count = counts.get(kind);
        return count == null ? 0 : count.sum();
    }
}
