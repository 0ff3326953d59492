package io.sallyport.snapshot;

import io.sallyport.policy.EgressPermit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One port of one listed host, as the mesh listener serves it.
///
/// @param permit the entry of the list
/// @param http the routes of requests; null where only tunnels may be opened
/// @param bytes the routes of tunnels, the first that matches is taken; empty where the port speaks plain HTTP
public record MeshHost(EgressPermit permit, @Nullable HttpHost http, List<L4Route> bytes) {
    public MeshHost {
        bytes = List.copyOf(bytes);
    }
}
