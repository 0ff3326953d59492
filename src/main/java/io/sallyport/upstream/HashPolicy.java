package io.sallyport.upstream;

/// Requests with one key go to one endpoint (Istio: `LoadBalancerSettings.consistentHash`).
public record HashPolicy(HashKey key, Algorithm algorithm) {
    public sealed interface Algorithm {}

    /// @param minimumSize of the ring, in points
    public record Ring(int minimumSize) implements Algorithm {
        /// `RingHash.minimumRingSize`.
        public static final int DEFAULT_SIZE = 1024;
    }

    /// @param tableSize in slots, a prime
    public record Maglev(int tableSize) implements Algorithm {
        /// `MagLev.tableSize`.
        public static final int DEFAULT_SIZE = 65537;
    }

    /// Slots that a table has at least.
    int size() {
        return switch (algorithm) {
            case Ring ring -> ring.minimumSize;
            case Maglev maglev -> maglev.tableSize;
        };
    }
}
