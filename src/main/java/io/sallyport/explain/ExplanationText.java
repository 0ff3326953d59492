package io.sallyport.explain;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.egress.EgressPermit;
import io.sallyport.explain.egress.ClusterReach;
import io.sallyport.explain.egress.TextTable;
import io.sallyport.route.Considered;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.stream.Collectors;

/// An explanation for people: the request's way, a line a step.
final class ExplanationText {
    private ExplanationText() {}

    /// Names come from the configuration: what no terminal should get written is printed as in tables.
    private static final class Lines extends PrintWriter {
        Lines(PrintWriter out) {
            super(out);
        }

        @Override
        public void println(String line) {
            super.println(TextTable.printable(line));
        }
    }

    static void print(Explanation answer, PrintWriter to) {
        print(answer, new Lines(to));
    }

    private static void print(Explanation answer, Lines out) {
        if (answer.logged != null) {
            out.println("log           " + answer.logged);
        }
        if (answer.listener != null) {
            String tls = answer.chain == null ? "" : ", TLS " + answer.chain.tls();
            String server = answer.server != null
                    ? answer.server.toString()
                    : answer.chain == null
                            ? "no filter chain"
                            : answer.chain.server().toString();
            out.println("listener      " + answer.listener.bind() + " (" + server + tls + ")");
        }
        if (answer.permit != null) {
            EgressPermit permit = answer.permit;
            String source = permit.source().isEmpty() ? "" : " (" + permit.source() + ")";
            String port = permit.port() == 0 ? "any port" : Integer.toString(permit.port());
            out.println("permit        " + permit.resource() + source + ": " + permit.host() + ", " + port + ", "
                    + permit.kind());
        }
        if (answer.virtualHost != null) {
            out.println("virtual host  " + answer.virtualHost);
        }
        answer.tokens.forEach(token -> out.println("token         " + token));
        answer.policies.forEach(opinion -> out.println("policy        " + opinion.words()));
        Explanation.Decision decision = answer.decision();
        if (decision != null) {
            out.println("decision      " + decision.words());
        }
        for (Considered candidate : answer.considered) {
            out.println("  not         " + candidate.route() + ": " + candidate.why());
        }
        if (answer.matched != null) {
            out.println("route         " + answer.matched.id() + ", match " + answer.matched.matchIndex());
            FilterLines.of(answer.matched.route().filters())
                    .forEach(line -> out.println("%-14s%s".formatted(line.kind(), line.words())));
        } else if (answer.bytesRoute != null) {
            out.println("route         " + answer.bytesRoute.virtualService() + "[" + answer.bytesRoute.index() + "]");
        }
        if (answer.held != null) {
            out.println("held          " + answer.held);
        }
        if (answer.forward != null) {
            out.println("timeout       " + PolicyText.timeout(answer.forward));
            out.println("retries       " + PolicyText.retries(answer.forward.retries()));
        }
        answer.clusters.forEach(destination -> printCluster(destination, answer.weight(destination), out));
        if (answer.permit != null) {
            answer.clusters.stream()
                    .map(Explanation.Destination::spec)
                    .filter(Objects::nonNull)
                    .forEach(spec -> out.println("addresses     " + ClusterReach.guard(spec)));
        }
        printEnd(answer, out);
    }

    private static void printCluster(Explanation.Destination destination, int weight, Lines out) {
        ClusterSpec spec = destination.spec();
        String endpoints = spec == null
                ? "no such cluster"
                : spec.discovery() + " "
                        + spec.endpoints().stream()
                                .map(endpoint -> endpoint.address() + ":" + endpoint.port())
                                .collect(Collectors.joining(", "));
        out.println("cluster       " + destination.weighted().clusterName() + ", weight " + weight + ": " + endpoints);
        if (spec != null) {
            out.println("  policy      " + PolicyText.cluster(spec, destination.policy()));
            ProtectionLines.of(spec, destination.policy())
                    .forEach(line -> out.println("  %-12s%s (%s)".formatted(line.kind(), line.words(), line.source())));
        }
    }

    private static void printEnd(Explanation answer, Lines out) {
        if (answer.refused) {
            String status = answer.status == null ? "closed" : answer.status.toString();
            out.println(
                    "refused       " + status + (answer.flag == null ? "" : " " + answer.flag) + ", " + answer.details);
            if (answer.explanation != null) {
                answer.explanation.lines().forEach(line -> out.println(("  " + line).stripTrailing()));
            }
        } else if (answer.location != null) {
            out.println("redirect      " + answer.status + " to " + answer.location);
        } else if (answer.status != null) {
            out.println("answer        " + answer.status);
        } else {
            out.println("action        " + answer.action);
        }
        if (answer.upstreamPath != null) {
            out.println("upstream      " + answer.upstreamAuthority + " " + answer.upstreamPath);
            if (answer.upstreamTls != null) {
                String expected = String.join(" or ", answer.upstreamTls.expectedNames(answer.upstreamHost));
                out.println("  TLS         for " + answer.upstreamTls.nameFor(answer.upstreamHost)
                        + (expected.isEmpty() ? ", nothing verified" : ", certificate of " + expected));
            }
            answer.upstreamHeaders.forEach((name, value) -> out.println("                " + name + ": " + value));
        }
    }
}
