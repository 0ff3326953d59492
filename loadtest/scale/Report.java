package scale;

import common.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The figures as Markdown tables.
final class Report {
    private final Options options;
    private final List<String> probes = new ArrayList<>();
    private final List<String> changes = new ArrayList<>();
    private final List<String> loads = new ArrayList<>();
    private final List<String> pauses = new ArrayList<>();
    private final List<String> hosts = new ArrayList<>();

    Report(Options options) {
        this.options = options;
    }

    /// Whether all answers were as they should be.
    boolean add(Candidate candidate, RouteProbe.Result result) {
        probes.add(row(
                candidate.name(),
                result.routes(),
                result.all().millis(0.5),
                result.all().millis(0.99),
                result.all().millis(1),
                result.firstHalf().millis(0.99),
                result.lastTenth().millis(0.99),
                result.wrong(),
                result.trafficFailures(),
                result.traffic().millis(0.99)));
        return result.isSound();
    }

    /// Whether all answers were as they should be.
    boolean add(Candidate candidate, OneOfMany.Result result) {
        changes.add(row(
                candidate.name(),
                String.format(Locale.ROOT, "%,d%s", result.many().count(), result.many().kind().title),
                result.answered().millis(0.5),
                result.answered().millis(0.99),
                result.answered().millis(1),
                result.cpuMillis(),
                result.quiet().millis(1),
                result.changing().millis(0.99),
                result.changing().millis(1),
                result.megabytes(),
                result.wrong()));
        return result.isSound();
    }

    void add(Candidate candidate, BigLoad.Result result) {
        loads.add(row(
                candidate.name(),
                result.services(),
                result.loadMillis(),
                result.validateMillis(),
                result.reloadMillis(),
                result.applyMillis(),
                result.quiet().millis(0.99),
                result.quiet().millis(1),
                result.changing().millis(0.99),
                result.changing().millis(1)));
        pauses.add(row(
                candidate.name(),
                result.services(),
                result.lateCompiling().millis(0.5),
                result.lateCompiling().millis(1),
                result.lateApplying().millis(0.5),
                result.lateApplying().millis(1)));
    }

    void add(Candidate candidate, ManyHosts.Result result) {
        hosts.add(row(
                candidate.name(),
                result.few(),
                result.many(),
                result.fewMicros(),
                result.manyMicros(),
                result.ratio(),
                result.lowerRatio(),
                result.upperRatio(),
                result.loadMillis(),
                result.fewMegabytes(),
                result.manyMegabytes()));
    }

    /// Writes `scale.md`.
    void write() throws IOException {
        StringBuilder text = new StringBuilder("# The size of a configuration\n\nBy `loadtest/scale.sh` on ")
                .append(LocalDate.now()).append(", on one machine (").append(Machine.processor()).append(", ")
                .append(Runtime.getRuntime().availableProcessors()).append(" processors, all in use by gateway, load and service alike); load average ")
                .append(Machine.loadAverage()).append(" at the end. Times are milliseconds.\n");
        table(text, "Routes added one by one", probes,
                "each a file that comes by a rename; beside them " + PacedTraffic.PER_SECOND
                        + " requests a second. From the rename to the first 200:",
                "gateway", "routes", "p50", "p99", "longest", "p99, first half", "p99, last tenth",
                "wrong answers", "failed requests beside", "p99 of requests beside");
        table(text, "One VirtualService of many changed", changes,
                options.changes() + " times, each when the one before answers: a new file is renamed into place. From the rename to the first 200,"
                        + " and the processor time of the gateway's process for one change; then as often again, beside "
                        + PacedTraffic.PER_SECOND + " requests a second.",
                "gateway", "among", "p50", "p99", "longest", "processor time", "longest request before",
                "p99 of requests beside", "longest", "resident MB before", "wrong answers");
        table(text, "VirtualServices loaded at once", loads,
                "`load` is reading, checking and compiling in a fresh process, `reload` the same after a change of one file,"
                        + " `apply` from there until it is in force; medians. Requests: "
                        + PacedTraffic.PER_SECOND + " a second, while nothing changes and while one change follows another.",
                "gateway", "services", "load", "`validate`, with the process's start", "reload", "apply",
                "quiet p99", "quiet longest", "changing p99", "changing longest");
        table(text, "Event loops at a change", pauses,
                "How late one of them was at most, a change at a time: while the change was read and compiled, and from there"
                        + " until 50 ms after it was in force. The gateway looks every millisecond, among the same requests.",
                "gateway", "services", "compile, p50", "compile, longest", "apply, p50", "apply, longest");
        table(text, "Hosts", hosts,
                "CPU a request of two gateways in turns of a second, each asked for random ones of its hosts; medians of "
                        + options.rounds() * options.seconds() + " turns, and the quarters around that of the ratio.",
                "gateway", "few hosts", "many hosts", "µs, few", "µs, many", "many ÷ few", "a quarter below", "a quarter above",
                "load of many, ms", "resident MB, few",
                "resident MB, many");
        Files.createDirectories(options.results());
        Files.writeString(options.results().resolve("scale.md"), text);
        System.out.print(text);
    }

    private static void table(StringBuilder text, String title, List<String> rows, String how, String... columns) {
        if (rows.isEmpty()) {
            return;
        }
        text.append("\n## ").append(title).append('\n').append(how).append("\n\n| ")
                .append(String.join(" | ", columns)).append(" |\n|---|").append("--:|".repeat(columns.length - 1)).append('\n');
        rows.forEach(row -> text.append(row).append('\n'));
    }

    private static String row(String name, Object... values) {
        StringBuilder row = new StringBuilder("| ").append(name).append(" |");
        for (Object value : values) {
            row.append(' ').append(value instanceof Double number ? text(number) : value.toString()).append(" |");
        }
        return row.toString();
    }

    /// Three significant digits, or `–`.
    private static String text(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
