package io.sallyport.snapshot;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How something is done with requests in one generation, by what they come in by.
///
/// @param <P> a plan of it
/// @param instance null for as it is usual
/// @param gateways those of Gateways that resources name, `namespace/name`
public record ByGateway<P>(@Nullable P instance, Map<String, P> gateways) {
    public ByGateway {
        gateways = Map.copyOf(gateways);
    }

    /// As usual, whatever it comes in by.
    public static <P> ByGateway<P> usual() {
        return new ByGateway<>(null, Map.of());
    }

    /// Whether it depends on the Gateway.
    public boolean hasGateways() {
        return !gateways.isEmpty();
    }

    /// @param offering the Gateways that offer the host or share the port, `namespace/name`: the first that a resource
    ///     names decides
    public @Nullable P at(List<String> offering) {
        if (!gateways.isEmpty()) {
            for (String gateway : offering) {
                P own = gateways.get(gateway);
                if (own != null) {
                    return own;
                }
            }
        }
        return instance;
    }
}
