package io.sallyport.egress;

import org.jspecify.annotations.Nullable;

/// How one entry of the egress list, or one host that is on no list, was used.
///
/// @param permit the resource that lists it; null where none does
/// @param host the host pattern of the entry, or the host that was asked for; `overflow` for all that are too many
/// @param port that was asked for
/// @param how `HTTP`, `TLS` or `TCP`; of what was denied, the reason in snake_case
/// @param requests that have ended, tunnels included
/// @param firstMillis when the first began, milliseconds since 1970; 0 for never
/// @param lastMillis when the last ended; 0 for never
/// @param open a connection is open now
public record EgressUse(
        @Nullable String permit,
        String host,
        int port,
        String how,
        long requests,
        long firstMillis,
        long lastMillis,
        boolean open) {}
