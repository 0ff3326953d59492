package io.sallyport.explain.egress;

import io.sallyport.net.NumericHost;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
        List<JsonObject> entries = entries(report);
        Set<String> usedPorts = new HashSet<>();
        entries.stream()
                .filter(entry -> isSince(entry, limit))
                .forEach(entry -> usedPorts.add(entry.getString("source")));
        for (JsonObject entry : entries) {
            String last = entry.getString("lastUsed");
            String source = entry.getString("source", "");
            // What no file has cannot be taken out of one; and nobody need ask for a name's endpoints by their
            // addresses, nor for addresses by the name that stands for them.
            if (source.isEmpty() || usedPorts.contains(source) && isAlias(entry.getString("host", ""))) {
                continue;
            }
            if (last == null && since.isAfter(limit)) {
                unknown++;
            } else if (last == null || Instant.parse(last).isBefore(limit)) {
                unused.add(entry);
            }
        }
    }

    private static List<JsonObject> entries(JsonObject report) {
        var entries = new ArrayList<JsonObject>();
        JsonArray array = report.getJsonArray("entries", new JsonArray());
        for (int i = 0; i < array.size(); i++) {
            entries.add(array.getJsonObject(i));
        }
        return entries;
    }

    private static boolean isSince(JsonObject entry, Instant limit) {
        String last = entry.getString("lastUsed");
        return last != null && !Instant.parse(last).isBefore(limit);
    }

    private static boolean isAlias(String host) {
        boolean address = host.indexOf(':') >= 0 || host.indexOf('/') >= 0;
        return address || NumericHost.spelling(host) == NumericHost.Spelling.ADDRESS || host.endsWith(".invalid");
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
