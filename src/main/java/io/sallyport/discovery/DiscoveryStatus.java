package io.sallyport.discovery;

import java.time.Instant;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// The state of the link between the registry and its source.
///
/// @param synced everything has been reported once
/// @param connected changes are reported as they happen
/// @param lostSince since when they are not; null while connected
/// @param lastError what is missing or went wrong last, by kind; null for nothing
/// @param watched by kind of object, in the plural, whether its changes are reported
public record DiscoveryStatus(
        boolean synced,
        boolean connected,
        @Nullable Instant lostSince,
        @Nullable String lastError,
        SortedMap<String, Boolean> watched,
        int services,
        int slices,
        int pods) {}
