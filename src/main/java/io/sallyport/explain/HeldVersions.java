package io.sallyport.explain;

import io.sallyport.reload.ResourceState;
import io.sallyport.reload.ResourceState.State;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The resources of which an older version is served, because of errors.
///
/// @param faults those that are held or left out
public record HeldVersions(Collection<ResourceState> faults) {
    static final HeldVersions NONE = new HeldVersions(List.of());

    /// What is said of the VirtualService, `namespace/name`, that a route is from; null where it is not held.
    @Nullable
    String of(String virtualService) {
        String id = "VirtualService " + virtualService;
        return faults.stream()
                .filter(fault -> fault.state() == State.HELD && fault.id().equals(id))
                .map(ResourceState::words)
                .findFirst()
                .orElse(null);
    }
}
