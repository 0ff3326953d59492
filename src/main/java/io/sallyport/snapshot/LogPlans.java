package io.sallyport.snapshot;

import io.sallyport.format.LogPlan;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How requests are logged in one generation, by what they come in by.
///
/// @param instance null for as it is usual
/// @param gateways those of Gateways that resources name, `namespace/name`
public record LogPlans(@Nullable LogPlan instance, Map<String, LogPlan> gateways) {
    public static final LogPlans USUAL = new LogPlans(null, Map.of());

    public LogPlans {
        gateways = Map.copyOf(gateways);
    }

    /// Whether it depends on the Gateway.
    public boolean hasGateways() {
        return !gateways.isEmpty();
    }

    /// @param offering the Gateways that offer the host or share the port, `namespace/name`: the first that a resource
    ///     names decides
    public @Nullable LogPlan at(List<String> offering) {
        if (!gateways.isEmpty()) {
            for (String gateway : offering) {
                LogPlan own = gateways.get(gateway);
                if (own != null) {
                    return own;
                }
            }
        }
        return instance;
    }
}
