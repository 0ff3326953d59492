package io.sallyport.compile;

import io.netty.util.AsciiString;
import io.sallyport.cluster.balance.BalancingSpec;
import io.sallyport.cluster.balance.HashKey;
import io.sallyport.cluster.balance.HashPolicy;
import io.sallyport.cluster.balance.LoadBalancing;
import io.sallyport.config.model.ConsistentHash;
import io.sallyport.config.model.LoadBalancerSettings;
import io.sallyport.config.model.LoadBalancerSettings.Warmup;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Translates `LoadBalancerSettings`.
final class BalancingCompiler {
    private static final double DEFAULT_MINIMUM_PERCENT = 10;
    private static final double DEFAULT_AGGRESSION = 1;

    private BalancingCompiler() {}

    static LoadBalancing loadBalancing(@Nullable LoadBalancerSettings settings) {
        return switch (settings == null ? null : settings.policy()) {
            case LoadBalancerSettings.Simple simple ->
                switch (simple) {
                    // There is no original destination at a gateway that PASSTHROUGH could keep to, and what a client
                    // calls its host must not be one.
                    case UNSPECIFIED, LEAST_CONN, LEAST_REQUEST, PASSTHROUGH -> LoadBalancing.LEAST_REQUEST;
                    case RANDOM -> LoadBalancing.RANDOM;
                    case ROUND_ROBIN -> LoadBalancing.ROUND_ROBIN;
                };
            case null, default -> LoadBalancing.LEAST_REQUEST;
        };
    }

    /// @param localityWeights shares of localities; empty for none
    static BalancingSpec balancing(@Nullable LoadBalancerSettings settings, Map<String, Double> localityWeights) {
        if (settings == null) {
            return BalancingSpec.NONE;
        }
        HashPolicy hash = settings.policy() instanceof ConsistentHash consistent ? hash(consistent) : null;
        return new BalancingSpec(hash, localityWeights, slowStart(settings));
    }

    private static @Nullable HashPolicy hash(ConsistentHash hash) {
        HashKey key = key(hash.hashKey());
        return key == null ? null : new HashPolicy(key, algorithm(hash));
    }

    private static @Nullable HashKey key(ConsistentHash.HashKey key) {
        return switch (key) {
            case ConsistentHash.HttpHeaderName(String name) ->
                new HashKey.Header(new AsciiString(name.toLowerCase(Locale.ROOT)));
            case ConsistentHash.HttpCookie cookie ->
                new HashKey.Cookie(
                        cookie.name(),
                        cookie.path(),
                        cookie.ttl(),
                        cookie.attributes().stream()
                                .map(BalancingCompiler::attribute)
                                .toList());
            case ConsistentHash.UseSourceIp(boolean value) -> value ? new HashKey.SourceAddress() : null;
            case ConsistentHash.HttpQueryParameterName(String name) -> new HashKey.QueryParameter(name);
            case ConsistentHash.NoKey _ -> null;
        };
    }

    private static String attribute(ConsistentHash.HttpCookie.Attribute attribute) {
        return attribute.value().isEmpty() ? attribute.name() : attribute.name() + '=' + attribute.value();
    }

    /// The deprecated `minimumRingSize` counts where the new one is absent.
    private static HashPolicy.Algorithm algorithm(ConsistentHash hash) {
        return switch (hash.hashAlgorithm()) {
            case ConsistentHash.Maglev(long size) ->
                new HashPolicy.Maglev(size == 0 ? HashPolicy.Maglev.DEFAULT_SIZE : Math.toIntExact(size));
            case ConsistentHash.RingHash(long size) -> {
                long asked = size == 0 ? hash.minimumRingSize() : size;
                yield new HashPolicy.Ring(asked == 0 ? HashPolicy.Ring.DEFAULT_SIZE : Math.toIntExact(asked));
            }
        };
    }

    private static BalancingSpec.@Nullable SlowStart slowStart(LoadBalancerSettings settings) {
        Warmup warmup = settings.warmup();
        Duration window = warmup == null ? settings.warmupDurationSecs() : warmup.duration();
        if (window == null || !window.isPositive()) {
            return null;
        }
        Double percent = warmup == null ? null : warmup.minimumPercent();
        Double aggression = warmup == null ? null : warmup.aggression();
        return new BalancingSpec.SlowStart(
                window,
                (percent == null ? DEFAULT_MINIMUM_PERCENT : percent) / 100,
                aggression == null ? DEFAULT_AGGRESSION : aggression);
    }
}
