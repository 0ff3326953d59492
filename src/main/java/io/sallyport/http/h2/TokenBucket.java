package io.sallyport.http.h2;

/// Counts what a peer may do often but not endlessly. Tokens come back with time, and as a reward for useful work.
final class TokenBucket {
    private final int capacity;
    private final int perSecond;
    private int tokens;
    private long refilledAt;

    /// @param capacity tokens at the start, and the most there can be
    /// @param perSecond tokens that come back each second
    TokenBucket(int capacity, int perSecond) {
        this.capacity = capacity;
        this.perSecond = perSecond;
        this.tokens = capacity;
    }

    /// Takes one token; false where there is none left.
    boolean take() {
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }

    void give(int count) {
        tokens = Math.min(capacity, tokens + count);
    }

    /// Returns the tokens due for the time since the last call.
    ///
    /// @param now nanoseconds since the connection began
    void refill(long now) {
        long due = (now - refilledAt) / 1_000_000_000L;
        if (due > 0) {
            refilledAt += due * 1_000_000_000L;
            give((int) Math.min(capacity, due * perSecond));
        }
    }
}
