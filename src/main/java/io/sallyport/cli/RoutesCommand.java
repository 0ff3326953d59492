package io.sallyport.cli;

import io.sallyport.explain.egress.TextTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sallyport routes HOST`: the routes that a running gateway serves.
@Command(
        name = "routes",
        description = "Asks a running gateway for its hosts and routes: by listener, in the order in which they match.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:no gateway answers", "2:the command line is wrong"})
final class RoutesCommand extends InstanceCommand {
    @Parameters(
            paramLabel = "HOST",
            arity = "0..1",
            description = "Only routes of hosts that contain this, or of wildcards that cover it.")
    private @Nullable String host;

    @Option(
            names = "--rates",
            paramLabel = "TIME",
            description =
                    "Watches the gateway for that time, 1s to 1h, and shows what requests of hosts and routes were like.")
    private @Nullable String rates;

    @Override
    void show(AdminClient gateway, PrintWriter out) throws IOException {
        if (rates != null) {
            // Whoever asks has them counted from then on.
            Duration watched = time("--rates", rates);
            gateway.array("/routes");
            pause(watched);
        }
        List<JsonObject> routes = objects(gateway.array("/routes")).stream()
                .filter(route -> isFor(host, route.getString("host")))
                .toList();
        if (asJson()) {
            out.println(new JsonArray(routes).encodePrettily());
            return;
        }
        List<String> columns = new ArrayList<>(List.of("LISTENER", "HOST", "MATCH", "ACTION", "ROUTE"));
        if (rates != null) {
            columns.addAll(List.of("REQUESTS/S", "FAILED", "P50", "P99"));
        }
        var table = new TextTable(columns.toArray(String[]::new));
        for (JsonObject route : routes) {
            List<String> row = new ArrayList<>();
            for (String field : List.of("listener", "host", "match", "action", "route")) {
                row.add(route.getString(field));
            }
            if (rates != null) {
                row.addAll(figures(route.getJsonObject("traffic")));
            }
            table.row(row.toArray(String[]::new));
        }
        table.print(out);
    }

    /// Of what is not counted there are none.
    private static List<String> figures(@Nullable JsonObject traffic) {
        if (traffic == null) {
            return List.of("-", "-", "-", "-");
        }
        return List.of(
                String.format(Locale.ROOT, "%.1f", traffic.getDouble("perSecond")),
                String.format(Locale.ROOT, "%.0f %%", 100 * traffic.getDouble("failureShare")),
                millis(traffic.getDouble("p50Millis")),
                millis(traffic.getDouble("p99Millis")));
    }

    private static String millis(@Nullable Double millis) {
        return millis == null ? "-" : String.format(Locale.ROOT, "%.1f ms", millis);
    }

    private static boolean isFor(@Nullable String wanted, String host) {
        if (wanted == null) {
            return true;
        }
        String text = wanted.toLowerCase(Locale.ROOT);
        String name = host.toLowerCase(Locale.ROOT);
        int port = name.lastIndexOf(':');
        String covered = name.substring(name.startsWith("*") ? 1 : 0, port < 0 ? name.length() : port);
        return name.contains(text) || (name.startsWith("*") && text.endsWith(covered));
    }
}
