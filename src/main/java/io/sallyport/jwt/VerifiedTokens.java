package io.sallyport.jwt;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Tokens whose signature was verified. Bounded by number and bytes: two halves, the younger of which becomes the older
/// when it is full, and what is asked for in the older one moves up. Thread-safe.
final class VerifiedTokens {
    private static final int MOST_IN_HALF = 5_000;
    private static final long MOST_BYTES_IN_HALF = 8L * 1024 * 1024;

    /// What an entry takes besides its claims, roughly.
    private static final int OVERHEAD = 512;

    private record Entry(Jwt jwt, long bytes) {}

    private final AtomicLong bytes = new AtomicLong();
    private volatile Map<TokenHash, Entry> young = new ConcurrentHashMap<>();
    private volatile Map<TokenHash, Entry> old = Map.of();

    @Nullable
    Jwt get(TokenHash hash) {
        Entry entry = young.get(hash);
        if (entry == null) {
            entry = old.get(hash);
            if (entry != null) {
                put(hash, entry);
            }
        }
        return entry == null ? null : entry.jwt;
    }

    /// @param length of the token in characters
    void put(TokenHash hash, Jwt jwt, int length) {
        // Its claims take about as much again as the text that they were read from.
        put(hash, new Entry(jwt, OVERHEAD + 4L * length));
    }

    private void put(TokenHash hash, Entry entry) {
        if (young.put(hash, entry) == null
                && (bytes.addAndGet(entry.bytes) > MOST_BYTES_IN_HALF || young.size() > MOST_IN_HALF)) {
            age();
        }
    }

    private synchronized void age() {
        if (bytes.get() > MOST_BYTES_IN_HALF || young.size() > MOST_IN_HALF) {
            old = young;
            young = new ConcurrentHashMap<>();
            bytes.set(0);
        }
    }

    /// How many are kept, for tests.
    int size() {
        return young.size() + old.size();
    }
}
