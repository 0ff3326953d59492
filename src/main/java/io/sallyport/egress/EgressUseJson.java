package io.sallyport.egress;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Uses for programs: `{"permit": …, "host": …, "port": …, "protocol": …, "requests": …, "firstUsed": …,
/// "lastUsed": …}`; `permit` only where there is one, the times only where there was a use.
public final class EgressUseJson {
    private EgressUseJson() {}

    public static JsonObject of(EgressUse use) {
        var json = new JsonObject();
        if (use.permit() != null) {
            json.put("permit", use.permit());
        }
        json.put("host", use.host()).put("port", use.port()).put("protocol", use.how());
        return putUse(json, use);
    }

    /// Adds requests and times.
    public static JsonObject putUse(JsonObject json, EgressUse use) {
        json.put("requests", use.requests());
        putTime(json, "firstUsed", use.firstMillis());
        putTime(json, "lastUsed", use.lastMillis());
        return use.open() ? json.put("open", true) : json;
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
