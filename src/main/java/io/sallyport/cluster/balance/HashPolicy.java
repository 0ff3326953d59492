package io.sallyport.cluster.balance;

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

    /// About how many slots a table of that many endpoints has.
    long cost(int endpoints) {
        return switch (algorithm) {
            case Ring ring -> (long) ring.minimumSize * endpoints;
            case Maglev maglev -> endpoints == 0 ? 0 : maglev.tableSize;
        };
    }
}
