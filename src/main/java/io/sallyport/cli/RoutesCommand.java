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

/// `sallyport routes HOST`: the routes that a running gateway serves.
@Command(
        name = "routes",
        description = "Asks a running gateway for its routes: by listener and host, in the order in which they match.",
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

    @Override
    void show(AdminClient gateway, PrintWriter out) throws IOException {
        List<JsonObject> routes = objects(gateway.array("/routes")).stream()
                .filter(route -> isFor(host, route.getString("host")))
                .toList();
        if (asJson()) {
            out.println(new JsonArray(routes).encodePrettily());
            return;
        }
        var table = new TextTable("LISTENER", "HOST", "MATCH", "ACTION", "ROUTE");
        for (JsonObject route : routes) {
            table.row(
                    route.getString("listener"),
                    route.getString("host"),
                    route.getString("match"),
                    route.getString("action"),
                    route.getString("route"));
        }
        table.print(out);
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
