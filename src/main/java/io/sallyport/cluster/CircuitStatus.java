package io.sallyport.cluster;

/// The circuit breaker of a cluster at one moment.
///
/// @param connections open or being made
/// @param pendingRequests that wait for a connection
/// @param requests that have one; not counted where they are not limited
/// @param retriesActive attempts under way that repeat another
/// @param retryOverflows retries that the budget did not allow
public record CircuitStatus(
        LimitStatus connections,
        LimitStatus pendingRequests,
        LimitStatus requests,
        int retriesActive,
        long retryOverflows) {

    /// @param most [CircuitLimits#UNLIMITED] for no bound
    /// @param overflows how often one more was refused
    public record LimitStatus(int most, int used, long overflows) {
        public boolean isLimited() {
            return most != CircuitLimits.UNLIMITED;
        }

        /// As much is used as may be: what comes now goes beyond.
        public boolean isOpen() {
            return used >= most;
        }
    }

    public boolean isOpen() {
        return connections.isOpen() || pendingRequests.isOpen() || requests.isOpen();
    }

    /// Requests and connections that were refused.
    public long overflows() {
        return connections.overflows() + pendingRequests.overflows() + requests.overflows();
    }
}
