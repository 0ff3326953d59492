package io.sallyport.discovery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The state of the link between the registry and its source.
///
/// @param synced everything has been reported once
/// @param connected changes are reported as they happen
/// @param lostSince since when they are not; null while connected
/// @param lastError what went wrong last; null for nothing yet
public record DiscoveryStatus(
        boolean synced,
        boolean connected,
        @Nullable Instant lostSince,
        @Nullable String lastError,
        int services,
        int slices,
        int pods) {}
