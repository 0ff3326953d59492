package io.sallyport.explain.egress;

import io.sallyport.compile.SnapshotPlan;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;

/// What `sallyport egress` prints.
public final class EgressReports {
    private EgressReports() {}

    /// The list of a configuration as a table.
    public static void printList(SnapshotPlan plan, PrintWriter out) {
        List<EgressEntry> entries = EgressEntries.of(plan);
        if (entries.stream().allMatch(entry -> entry.permit().source().isEmpty())) {
            out.println(
                    "No resource lists a host: there is no ServiceEntry, and no VirtualService of the gateway mesh.");
        }
        var table = new TextTable("HOST", "PORT", "PROTOCOL", "REACHED BY", "ADDRESSES", "NAMED BY");
        for (EgressEntry entry : entries) {
            table.row(
                    entry.permit().host(),
                    entry.port(),
                    entry.permit().kind().name(),
                    entry.reached(),
                    entry.guard(),
                    entry.source());
        }
        table.print(out);
    }

    /// The same for programs.
    public static JsonArray list(SnapshotPlan plan) {
        return EgressReport.entries(EgressEntries.of(plan));
    }

    /// ServiceEntries for what a running gateway let out and does not list, as one YAML stream.
    ///
    /// @param report what `/egress` answers
    /// @throws ClassCastException as [IllegalArgumentException], where the report is none
    public static void printSuggestions(JsonObject report, PrintWriter out, PrintWriter err) {
        new LearnedListing(report).print(out, err);
    }

    /// Entries that a running gateway has not used for a time.
    ///
    /// @param report what `/egress` answers
    /// @param err where unknown facts are reported
    /// @throws ClassCastException as [IllegalArgumentException], [java.time.format.DateTimeParseException] and
    ///     [NullPointerException], where the report is none
    public static void printUnused(JsonObject report, Duration least, boolean json, PrintWriter out, PrintWriter err) {
        var unused = new UnusedEntries(report, least);
        if (json) {
            out.println(unused.json().encodePrettily());
        } else {
            unused.print(out, err);
        }
    }
}
