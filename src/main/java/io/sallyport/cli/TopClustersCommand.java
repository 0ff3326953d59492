package io.sallyport.cli;

import io.sallyport.explain.egress.TextTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `sallyport top`: which clusters of a running gateway are busy, and which fail.
@Command(
        name = "top",
        description = {
            "Shows how many requests a running gateway sends to each cluster, the busiest first, and refreshes that.",
            "Without a terminal, one table follows the other; with -o json, one line of JSON."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:no gateway answers, or no longer", "2:the command line is wrong"})
final class TopClustersCommand extends InstanceCommand {
    private static final String CLEAR = "\033[H\033[2J\033[3J";
    private static final double NANOS = 1e9;

    @Option(names = "--once", description = "Measures for one interval, prints that and ends.")
    private boolean once;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            description = "What is measured, and how often: 1s to 1h. Default: ${DEFAULT-VALUE}.")
    private String interval = "2s";

    @Option(
            names = {"-n", "--rows"},
            paramLabel = "NUMBER",
            description = "The busiest clusters that are shown, all with 0. Default: ${DEFAULT-VALUE}.")
    private int rows = 20;

    private record Counts(long requests, long errors, long connections) {
        static final Counts NONE = new Counts(0, 0, 0);
    }

    /// @param nanos when it was asked
    private record Sample(long nanos, JsonObject status, List<JsonObject> clusters, Map<String, Counts> counts) {}

    /// A cluster within an interval; rates are per second.
    private record Row(
            String cluster,
            double requests,
            double errors,
            double connections,
            long active,
            String healthy,
            String circuit) {}

    @Override
    void show(AdminClient gateway, PrintWriter out) throws IOException {
        Duration wait = time("--interval", interval);
        if (rows < 0) {
            throw wrong("--rows takes 0 or more");
        }
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal();
        Sample before = sample(gateway);
        do {
            pause(wait);
            Sample now = sample(gateway);
            if (asJson()) {
                out.println(json(before, now).encode());
            } else {
                out.print(terminal && !once ? CLEAR : "");
                print(before, now, out);
            }
            out.flush();
            before = now;
            // A reader that has gone, such as head, ends it.
        } while (!once && !out.checkError());
    }

    private static Sample sample(AdminClient gateway) throws IOException {
        JsonObject status = gateway.object("/status");
        List<JsonObject> clusters = objects(gateway.array("/clusters"));
        Map<String, Counts> counts = new HashMap<>();
        for (JsonObject cluster : clusters) {
            long errors = objects(cluster.getJsonArray("endpoints")).stream()
                    .mapToLong(endpoint -> number(endpoint, "errorsTotal"))
                    .sum();
            counts.put(
                    cluster.getString("name"),
                    new Counts(number(cluster, "requestsTotal"), errors, number(cluster, "connectionsTotal")));
        }
        return new Sample(System.nanoTime(), status, clusters, counts);
    }

    private List<Row> rows(Sample before, Sample now) {
        List<Row> all = new ArrayList<>();
        double seconds = (now.nanos - before.nanos) / NANOS;
        for (JsonObject cluster : now.clusters) {
            String name = cluster.getString("name");
            Counts to = now.counts.getOrDefault(name, Counts.NONE);
            // One that is new has served what it counts since the last sample.
            Counts from = before.counts.getOrDefault(name, Counts.NONE);
            all.add(new Row(
                    name,
                    rate(from.requests, to.requests, seconds),
                    rate(from.errors, to.errors, seconds),
                    rate(from.connections, to.connections, seconds),
                    number(cluster, "requestsActive"),
                    ClustersCommand.healthy(cluster),
                    cluster.getJsonObject("circuit").getString("state")));
        }
        all.sort(Comparator.comparingDouble(Row::requests)
                .thenComparingDouble(Row::errors)
                .thenComparingLong(Row::active)
                .reversed()
                .thenComparing(Row::cluster));
        return rows == 0 || all.size() <= rows ? all : all.subList(0, rows);
    }

    /// A counter that begins anew, in a gateway that was restarted or for an endpoint that has gone, says nothing.
    private static double rate(long from, long to, double seconds) {
        return Math.max(0, to - from) / seconds;
    }

    private void print(Sample before, Sample now, PrintWriter out) {
        List<Row> shown = rows(before, now);
        out.println(TextTable.printable("%s, generation %d, %d of %d clusters"
                .formatted(
                        now.status.getString("state"),
                        now.status.getLong("generation"),
                        shown.size(),
                        now.clusters.size())));
        var table = new TextTable("REQUESTS/S", "ERRORS/S", "CONNECTS/S", "ACTIVE", "HEALTHY", "CIRCUIT", "CLUSTER");
        for (Row row : shown) {
            table.row(
                    number(row.requests),
                    number(row.errors),
                    number(row.connections),
                    String.valueOf(row.active),
                    row.healthy,
                    row.circuit,
                    row.cluster);
        }
        table.print(out);
    }

    private static String number(double rate) {
        return String.format(Locale.ROOT, "%.1f", rate);
    }

    private JsonObject json(Sample before, Sample now) {
        var clusters = new JsonArray();
        for (Row row : rows(before, now)) {
            clusters.add(new JsonObject()
                    .put("cluster", row.cluster)
                    .put("requestsPerSecond", row.requests)
                    .put("errorsPerSecond", row.errors)
                    .put("connectsPerSecond", row.connections)
                    .put("requestsActive", row.active)
                    .put("healthy", row.healthy)
                    .put("circuit", row.circuit));
        }
        return new JsonObject()
                .put("state", now.status.getString("state"))
                .put("generation", now.status.getLong("generation"))
                .put("seconds", (now.nanos - before.nanos) / NANOS)
                .put("clusters", clusters);
    }
}
