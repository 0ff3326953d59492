package io.sallyport.cli;

import io.sallyport.explain.egress.TextTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `sallyport certs`: the certificates that a running gateway uses, those that end first before the others.
@Command(
        name = "certs",
        description = "Asks a running gateway for its certificates and authorities, and how long they are valid yet.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:no gateway answers", "2:the command line is wrong"})
final class CertsCommand extends InstanceCommand {
    @Override
    void show(AdminClient gateway, PrintWriter out) throws IOException {
        JsonArray certificates = gateway.array("/certs");
        if (asJson()) {
            out.println(certificates.encodePrettily());
            return;
        }
        var table = new TextTable("DAYS LEFT", "STATE", "KIND", "SOURCE", "SUBJECT", "NAMES", "SERVERS");
        for (JsonObject certificate : objects(certificates)) {
            table.row(
                    String.valueOf(certificate.getLong("daysLeft")),
                    certificate.getString("state"),
                    certificate.getString("kind"),
                    certificate.getString("source"),
                    certificate.getString("subject"),
                    list(certificate.getJsonArray("names")),
                    list(certificate.getJsonArray("servers")));
        }
        table.print(out);
    }

    private static String list(@Nullable JsonArray texts) {
        return texts == null || texts.isEmpty()
                ? "-"
                : texts.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
