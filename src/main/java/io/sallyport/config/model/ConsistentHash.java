package io.sallyport.config.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `LoadBalancerSettings.ConsistentHashLB`.
///
/// @param minimumRingSize deprecated form of `ringHash.minimumRingSize`; 0 is absent
public record ConsistentHash(HashKey hashKey, HashAlgorithm hashAlgorithm, long minimumRingSize, Position at)
        implements LoadBalancerSettings.Policy {

    /// `ConsistentHashLB.hash_key`: exactly one is given.
    public sealed interface HashKey {}

    /// None given, which the reader reports.
    public record NoKey() implements HashKey {}

    public record HttpHeaderName(String name) implements HashKey {}

    /// @param ttl lifetime of the cookie that is made when the request has none; null makes none, zero a session cookie
    public record HttpCookie(
            String name, String path, @Nullable Duration ttl, List<Attribute> attributes, Position at)
            implements HashKey {
        /// `HTTPCookie.Attribute`, such as `SameSite` and `Strict`.
        public record Attribute(String name, String value) {}
    }

    public record UseSourceIp(boolean value) implements HashKey {}

    public record HttpQueryParameterName(String name) implements HashKey {}

    /// `ConsistentHashLB.hash_algorithm`; absent is [RingHash] with its default.
    public sealed interface HashAlgorithm {}

    /// @param minimumRingSize 0 is absent and means 1024
    public record RingHash(long minimumRingSize) implements HashAlgorithm {}

    /// @param tableSize a prime; 0 is absent and means 65537
    public record Maglev(long tableSize) implements HashAlgorithm {}
}
