package io.sallyport.workload;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// How long to wait before each further attempt: twice as long as before it, up to a bound, each time with some chance
/// in it, so that the many clients of one server do not all return at once.
final class Backoff {
    private static final double CHANCE = 0.2;
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;
    private Duration next;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
        next = first;
    }

    /// From half a second to thirty.
    static Backoff usual() {
        return new Backoff(FIRST, LONGEST, new SplittableRandom());
    }

    /// An attempt has succeeded.
    void reset() {
        next = first;
    }

    /// Within a fifth of what is due.
    Duration next() {
        double factor = 1 - CHANCE + 2 * CHANCE * random.nextDouble();
        Duration wait = Duration.ofNanos((long) (next.toNanos() * factor));
        next = next.multipliedBy(2).compareTo(longest) > 0 ? longest : next.multipliedBy(2);
        return wait;
    }
}
