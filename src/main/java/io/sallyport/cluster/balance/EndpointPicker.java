package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import org.jspecify.annotations.Nullable;

/// Chooses among the endpoints that a cluster has now: made anew by [PickerFactory] for each
/// [io.sallyport.cluster.EndpointSet], read by all
/// event loops at once.
public interface EndpointPicker {
    EndpointPicker NONE = _ -> null;

    /// An available endpoint; one that the request excludes only where no other was found; null if none is available.
    @Nullable
    Endpoint pick(RequestContext context);
}
