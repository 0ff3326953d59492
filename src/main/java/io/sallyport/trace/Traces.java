package io.sallyport.trace;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How requests are traced in one generation, by what they come in by, and who gets their spans.
///
/// @param instance null where nothing is traced but what Gateways say
/// @param gateways those of Gateways that resources name, `namespace/name`; [Tracing#OFF] among them
/// @param collectors of providers, by their names
public record Traces(@Nullable Tracing instance, Map<String, Tracing> gateways, Map<String, Collector> collectors) {
    public static final Traces NONE = new Traces(null, Map.of(), Map.of());

    public Traces {
        gateways = Map.copyOf(gateways);
        collectors = Map.copyOf(collectors);
    }

    /// Whether any request is traced.
    public boolean isEmpty() {
        return instance == null && gateways.isEmpty();
    }

    /// Whether it depends on the Gateway.
    public boolean hasGateways() {
        return !gateways.isEmpty();
    }

    /// @param offering the Gateways that offer the host or share the port, `namespace/name`: the first that a resource
    ///     names decides
    /// @return null where its requests are not traced
    public @Nullable Tracing at(List<String> offering) {
        if (!gateways.isEmpty()) {
            for (String gateway : offering) {
                Tracing own = gateways.get(gateway);
                if (own != null) {
                    return own == Tracing.OFF ? null : own;
                }
            }
        }
        return instance;
    }
}
