package io.sallyport.explain.egress;

import io.sallyport.egress.EgressList;
import io.sallyport.egress.EgressPermit;
import io.sallyport.egress.EgressPermit.Kind;
import io.sallyport.egress.ListingText;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The ServiceEntries for what a gateway let out although nothing lists it: one YAML stream to paste.
final class LearnedListing {
    /// Where a port was used in several ways: requests in plain text need HTTP, and a tunnel whose bytes begin with a
    /// ClientHello is better listed as TLS than as TCP.
    private static final List<Kind> PREFERRED = List.of(Kind.HTTP, Kind.TLS, Kind.TCP);

    private final Map<String, Map<Integer, Set<Kind>>> learned = new TreeMap<>();
    private final EgressList list;

    /// @param report what `/egress` answers
    LearnedListing(JsonObject report) {
        list = EgressList.of(permits(report.getJsonArray("entries", new JsonArray())));
        JsonArray uses = report.getJsonArray("learned", new JsonArray());
        for (int i = 0; i < uses.size(); i++) {
            JsonObject use = uses.getJsonObject(i);
            String host = use.getString("host", "");
            int port = use.getInteger("port", 0);
            // What was listed meanwhile needs no further entry.
            if (list.permits(host).stream().noneMatch(permit -> permit.port() == port)) {
                learned.computeIfAbsent(host, _ -> new TreeMap<>())
                        .computeIfAbsent(port, _ -> EnumSet.noneOf(Kind.class))
                        .add(Kind.valueOf(use.getString("protocol", "TCP")));
            }
        }
    }

    private static List<EgressPermit> permits(JsonArray entries) {
        var permits = new ArrayList<EgressPermit>();
        for (int i = 0; i < entries.size(); i++) {
            JsonObject entry = entries.getJsonObject(i);
            permits.add(new EgressPermit(
                    entry.getString("resource", ""),
                    entry.getString("source", ""),
                    entry.getString("host", ""),
                    entry.getInteger("port", 0),
                    Kind.valueOf(entry.getString("protocol", "ANY"))));
        }
        return permits;
    }

    /// @param err where it is reported that there is nothing to print
    void print(PrintWriter out, PrintWriter err) {
        if (learned.isEmpty()) {
            err.println("nothing was let out that the list does not have");
        }
        boolean first = true;
        for (var host : learned.entrySet()) {
            String obstacle = ListingText.obstacle(host.getKey());
            if (obstacle != null) {
                out.println("# " + printable(host.getKey()) + " is left out: " + obstacle + ".");
                continue;
            }
            out.print(first ? "" : "---\n");
            first = false;
            host.getValue().forEach((port, kinds) -> {
                if (kinds.size() > 1) {
                    out.println("# Port " + port + " was used in several ways: " + kinds);
                }
            });
            out.print(listing(host.getKey(), host.getValue()).yaml());
        }
    }

    private ListingText listing(String host, Map<Integer, Set<Kind>> ports) {
        Map<Integer, Kind> chosen = new TreeMap<>();
        ports.forEach((port, kinds) -> chosen.put(
                port, PREFERRED.stream().filter(kinds::contains).findFirst().orElse(Kind.TCP)));
        ListingText text = ListingText.of(host, chosen);
        List<EgressPermit> listed = list.permits(host);
        String namespace = listed.isEmpty() ? null : ListingText.namespaceOf(listed.getFirst());
        return namespace == null ? text : text.beside(namespace);
    }

    private static String printable(String host) {
        return host.replaceAll("[^\\x21-\\x7e]", "?");
    }
}
