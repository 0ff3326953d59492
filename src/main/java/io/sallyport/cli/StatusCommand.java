package io.sallyport.cli;

import io.sallyport.config.model.Position;
import io.sallyport.explain.egress.TextTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/// `sallyport status`: whether a running gateway serves, what, and what it has refused.
@Command(
        name = "status",
        description = "Asks a running gateway for its state, its configuration and its listeners.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:no gateway answers", "2:the command line is wrong"})
final class StatusCommand extends InstanceCommand {
    @Override
    void show(AdminClient gateway, PrintWriter out) throws IOException {
        JsonObject status = gateway.object("/status");
        JsonArray listeners = gateway.array("/listeners");
        if (asJson()) {
            out.println(status.put("listeners", listeners).encodePrettily());
            return;
        }
        line(out, "state", status.getString("state"));
        line(out, "generation", status.getLong("generation") + ", since " + status.getString("loadedAt"));
        JsonObject discovery = status.getJsonObject("discovery");
        if (discovery != null) {
            line(out, "discovery", discovery(discovery));
        }
        refused(status, out);
        out.println();
        var table = new TextTable("LISTENER", "PORT", "BOUND", "OPEN", "ACCEPTED", "SHED", "CHAINS");
        for (JsonObject listener : objects(listeners)) {
            table.row(
                    listener.getString("bind"),
                    String.valueOf(listener.getLong("port")),
                    listener.getBoolean("bound", true) ? "yes" : "no",
                    String.valueOf(number(listener, "activeConnections")),
                    String.valueOf(number(listener, "acceptedConnections")),
                    String.valueOf(number(listener, "shedConnections")),
                    String.valueOf(
                            objects(listener.getJsonArray("filterChains")).size()));
        }
        table.print(out);
    }

    private static String discovery(JsonObject discovery) {
        String connected = discovery.getBoolean("connected", false)
                ? "connected"
                : "not connected since " + discovery.getString("lostSince") + " (" + discovery.getString("lastError")
                        + ')';
        return connected + ", " + number(discovery, "services") + " services, " + number(discovery, "endpointSlices")
                + " endpoint slices, " + number(discovery, "pods") + " pods";
    }

    private static void refused(JsonObject status, PrintWriter out) {
        JsonObject refused = status.getJsonObject("refused");
        if (refused == null) {
            line(out, "refused", "nothing");
            return;
        }
        String due = status.getString("retryDue");
        line(out, "refused", "the last change" + (due == null ? "" : ", tried again at " + due));
        objects(refused.getJsonArray("problems")).forEach(problem -> indented(out, problem(problem)));
        if (refused.getString("failure") != null) {
            indented(out, refused.getString("failure"));
        }
    }

    private static String problem(JsonObject problem) {
        String hint = problem.getString("hint");
        String field = problem.getString("field");
        var at = new Position(problem.getString("file"), problem.getInteger("line"), problem.getInteger("column"));
        return at + ": "
                + problem.getString("severity") + ' ' + problem.getString("code") + ' '
                + (field == null || field.isEmpty() ? "" : field + ": ") + problem.getString("message")
                + (hint == null || hint.isEmpty() ? "" : " (" + hint + ')');
    }

    private static void line(PrintWriter out, String name, String value) {
        out.println((name + " ".repeat(12)).substring(0, 12) + TextTable.printable(value));
    }

    /// A problem may have a second line with its remedy.
    private static void indented(PrintWriter out, String text) {
        text.lines().forEach(each -> out.println("  " + TextTable.printable(each)));
    }
}
