package io.sallyport.cli;

import io.sallyport.config.model.Position;
import io.sallyport.explain.egress.TextTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `sallyport status`: whether a running gateway serves, what, and what it has refused, held or left out.
@Command(
        name = "status",
        description = "Asks a running gateway for its state, its configuration and its listeners.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:no gateway answers", "2:the command line is wrong"})
final class StatusCommand extends InstanceCommand {
    /// Of the resources that depend on one.
    private static final int SHOWN = 10;

    @Override
    void show(AdminClient gateway, PrintWriter out) throws IOException {
        JsonObject status = gateway.object("/status");
        JsonArray listeners = gateway.array("/listeners");
        JsonObject config = gateway.object("/config?faults=true");
        if (asJson()) {
            out.println(status.put("listeners", listeners).put("config", config).encodePrettily());
            return;
        }
        line(out, "state", status.getString("state"));
        line(out, "generation", status.getLong("generation") + ", since " + status.getString("loadedAt"));
        JsonObject discovery = status.getJsonObject("discovery");
        if (discovery != null) {
            line(out, "discovery", discovery(discovery));
        }
        refused(status, out);
        line(out, "resources", counts(status.getJsonObject("resources")));
        objects(config.getJsonArray("resources")).forEach(resource -> fault(resource, out));
        objects(config.getJsonArray("unboundListeners")).forEach(listener -> unbound(listener, out));
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

    private static String counts(@Nullable JsonObject counts) {
        return number(counts, "served") + " served, " + number(counts, "held") + " held, " + number(counts, "left-out")
                + " left out";
    }

    private static void fault(JsonObject resource, PrintWriter out) {
        String namespace = resource.getString("namespace");
        String name = resource.getString("kind")
                + ' '
                + (namespace.isEmpty() ? "" : namespace + '/')
                + resource.getString("name");
        long line = number(resource, "line");
        boolean held = resource.getString("state").equals("held");
        line(
                out,
                held ? "held" : "left out",
                name + " (" + resource.getString("file") + (line == 0 ? "" : ":" + line) + ")"
                        + (held ? ", as of generation " + number(resource, "generation") : "")
                        + (resource.getBoolean("restored", false) ? " before the restart" : "")
                        + ", since " + resource.getString("since"));
        indented(out, resource.getString("because"));
        List<String> dependents = resource.getJsonArray("dependents", new JsonArray()).stream()
                .map(String::valueOf)
                .toList();
        if (!dependents.isEmpty()) {
            indented(out, "depends on it: " + shown(dependents));
        }
    }

    private static String shown(List<String> dependents) {
        String first = String.join(", ", dependents.subList(0, Math.min(SHOWN, dependents.size())));
        return dependents.size() > SHOWN ? first + " and " + (dependents.size() - SHOWN) + " more" : first;
    }

    private static void unbound(JsonObject listener, PrintWriter out) {
        line(out, "not bound", listener.getString("bind") + ", since " + listener.getString("since"));
        indented(out, listener.getString("because"));
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
