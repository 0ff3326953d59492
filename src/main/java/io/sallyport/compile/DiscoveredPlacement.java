package io.sallyport.compile;

import io.sallyport.cluster.EndpointPlacement;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.config.model.LocalityLbSetting;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Applies a subset's labels and a traffic policy's localities to endpoints that are not known yet when a configuration
/// is compiled.
///
/// @param labels of the subset; empty for the whole service
/// @param setting without positions, which say nothing of what is decided
record DiscoveredPlacement(
        LocalityCompiler localities,
        Map<String, String> labels,
        @Nullable LocalityLbSetting setting,
        boolean canFail) implements EndpointPlacement {
    @Override
    public Placed place(List<EndpointSpec> all) {
        List<EndpointSpec> members = all.stream()
                .filter(endpoint -> LocalityCompiler.isIn(endpoint, labels))
                .toList();
        LocalityCompiler.Placed placed = localities.place(members, setting, canFail);
        return new Placed(placed.endpoints(), placed.weights());
    }
}
