package io.sallyport.egress;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
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
/// @param asked of what was denied, the protocol that was asked for first: `HTTP`, `TLS` or `TCP`; null of all else
public record EgressUse(
        @Nullable String permit,
        String host,
        int port,
        String how,
        long requests,
        long firstMillis,
        long lastMillis,
        boolean open,
        @Nullable String asked) {
    /// Of what was not denied.
    public EgressUse(
            @Nullable String permit,
            String host,
            int port,
            String how,
            long requests,
            long firstMillis,
            long lastMillis,
            boolean open) {
        this(permit, host, port, how, requests, firstMillis, lastMillis, open, null);
    }

    /// For programs: `{"permit": …, "host": …, "port": …, "protocol": …, "requests": …, "firstUsed": …,
    /// "lastUsed": …}`; `permit` only where there is one, the times only where there was a use.
    public JsonObject json() {
        var json = new JsonObject();
        if (permit != null) {
            json.put("permit", permit);
        }
        return putUse(json.put("host", host).put("port", port).put("protocol", how));
    }

    /// Adds requests and times.
    public JsonObject putUse(JsonObject json) {
        json.put("requests", requests);
        putTime(json, "firstUsed", firstMillis);
        putTime(json, "lastUsed", lastMillis);
        return open ? json.put("open", true) : json;
    }

    private static void putTime(JsonObject json, String key, long millis) {
        if (millis != 0) {
            json.put(key, Instant.ofEpochMilli(millis).toString());
        }
    }

    /// @throws RuntimeException where it is none
    static EgressUse read(JsonObject json) {
        String host = json.getString("host");
        String how = json.getString("protocol");
        if (host == null || how == null) {
            throw new IllegalArgumentException("host or protocol is missing");
        }
        return new EgressUse(
                json.getString("permit"),
                host,
                json.getInteger("port", 0),
                how,
                json.getLong("requests", 0L),
                millis(json.getString("firstUsed")),
                millis(json.getString("lastUsed")),
                false);
    }

    private static long millis(@Nullable String time) {
        return time == null ? 0 : Instant.parse(time).toEpochMilli();
    }
}
