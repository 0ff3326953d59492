package io.sallyport.telemetry;

/// When a series was last in use, as the thread that forgets series sees it each time.
final class LastUse {
    private long count = -1;
    private long aliveMillis;

    /// Whether for an hour nothing was counted, and what the series is about has not existed.
    ///
    /// @param counted so far
    /// @param exists whether what it is about exists now
    /// @param nowMillis of a clock that never goes back
    boolean isGone(long counted, boolean exists, long nowMillis) {
        if (exists || counted != count) {
            count = counted;
            aliveMillis = nowMillis;
        }
        return nowMillis - aliveMillis >= Exposition.GONE_MILLIS;
    }
}
