package io.sallyport.cli.egress;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Entries of a running gateway's list that were not used for a while. An entry without any use counts only where uses
/// have been known for that long: else it may have been in use until yesterday.
final class UnusedEntries {
    private final Instant since;
    private final List<JsonObject> unused = new ArrayList<>();
    private int unknown;

    /// @param report what `/egress` answers
    UnusedEntries(JsonObject report, Duration least) {
        since = Instant.parse(report.getString("usageSince"));
        Instant limit = Instant.parse(report.getString("now")).minus(least);
        JsonArray entries = report.getJsonArray("entries", new JsonArray());
        for (int i = 0; i < entries.size(); i++) {
            JsonObject entry = entries.getJsonObject(i);
            String last = entry.getString("lastUsed");
            // What no file has cannot be taken out of one.
            if (entry.getString("source", "").isEmpty()) {
                continue;
            }
            if (last == null && since.isAfter(limit)) {
                unknown++;
            } else if (last == null || Instant.parse(last).isBefore(limit)) {
                unused.add(entry);
            }
        }
    }

    void print(PrintWriter out, PrintWriter err) {
        var table = new TextTable("HOST", "PORT", "PROTOCOL", "LAST USED", "NAMED BY");
        for (JsonObject entry : unused) {
            String source = entry.getString("source", "");
            table.row(
                    entry.getString("host"),
                    String.valueOf(entry.getInteger("port")),
                    entry.getString("protocol"),
                    entry.getString("lastUsed", "not since " + since),
                    entry.getString("resource") + (source.isEmpty() ? "" : " (" + source + ")"));
        }
        table.print(out);
        if (unknown > 0) {
            err.println(unknown + (unknown == 1 ? " entry has" : " entries have")
                    + " not been used since " + since + ", and before it nothing is known: set"
                    + " sallyport.egress.usage-file to keep uses over restarts, or ask for a shorter time");
        }
    }

    JsonArray json() {
        return new JsonArray(unused);
    }
}
