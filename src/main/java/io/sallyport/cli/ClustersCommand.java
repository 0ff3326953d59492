package io.sallyport.cli;

import io.sallyport.explain.egress.TextTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `sallyport clusters NAME`: where a running gateway forwards to, and how that fares.
@Command(
        name = "clusters",
        description = "Asks a running gateway for its clusters; with NAME, for their endpoints as well.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:no gateway answers", "2:the command line is wrong"})
final class ClustersCommand extends InstanceCommand {
    @Parameters(paramLabel = "NAME", arity = "0..1", description = "Only clusters whose names contain this.")
    private @Nullable String name;

    @Override
    void show(AdminClient gateway, PrintWriter out) throws IOException {
        String part = name == null ? "" : name.toLowerCase(Locale.ROOT);
        List<JsonObject> clusters = objects(gateway.array("/clusters")).stream()
                .filter(cluster ->
                        cluster.getString("name").toLowerCase(Locale.ROOT).contains(part))
                .toList();
        if (asJson()) {
            out.println(new JsonArray(clusters).encodePrettily());
            return;
        }
        table(clusters).print(out);
        if (name != null) {
            out.println();
            endpoints(clusters).print(out);
        }
    }

    private static TextTable table(List<JsonObject> clusters) {
        var table = new TextTable(
                "CLUSTER", "HEALTHY", "EJECTED", "CIRCUIT", "ACTIVE", "REQUESTS", "FAILED CONNECTS", "NO ENDPOINT");
        for (JsonObject cluster : clusters) {
            table.row(
                    cluster.getString("name"),
                    healthy(cluster),
                    String.valueOf(number(cluster.getJsonObject("outliers"), "ejected")),
                    cluster.getJsonObject("circuit").getString("state"),
                    String.valueOf(number(cluster, "requestsActive")),
                    String.valueOf(number(cluster, "requestsTotal")),
                    String.valueOf(number(cluster, "connectFailuresTotal")),
                    String.valueOf(number(cluster, "noEndpointTotal")));
        }
        return table;
    }

    /// Endpoints that take requests, of how many.
    static String healthy(JsonObject cluster) {
        List<JsonObject> endpoints = objects(cluster.getJsonArray("endpoints"));
        long available = endpoints.stream()
                .filter(endpoint -> endpoint.getBoolean("available"))
                .count();
        return available + "/" + endpoints.size();
    }

    private static TextTable endpoints(List<JsonObject> clusters) {
        var table = new TextTable("ENDPOINT", "STATE", "ACTIVE", "REQUESTS", "ERRORS", "CLUSTER");
        for (JsonObject cluster : clusters) {
            for (JsonObject endpoint : objects(cluster.getJsonArray("endpoints"))) {
                table.row(
                        endpoint.getString("address") + ':' + endpoint.getInteger("port"),
                        state(endpoint),
                        String.valueOf(number(endpoint, "requestsActive")),
                        String.valueOf(number(endpoint, "requestsTotal")),
                        String.valueOf(number(endpoint, "errorsTotal")),
                        cluster.getString("name"));
            }
        }
        return table;
    }

    private static String state(JsonObject endpoint) {
        if (endpoint.getString("ejectedUntil") != null) {
            return "ejected until " + endpoint.getString("ejectedUntil");
        }
        if (endpoint.getBoolean("healthCheckFailed", false)) {
            return "fails its health check";
        }
        return endpoint.getBoolean("available") ? "available" : "unavailable";
    }
}
