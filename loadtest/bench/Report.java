package bench;

import common.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// The results as Markdown tables, and as plots beside them.
final class Report {
    private final Options options;
    private final Results results;
    private final List<String> all;
    private final StringBuilder text = new StringBuilder();

    Report(Options options, Results results) {
        this.options = options;
        this.results = results;
        this.all = options.peers().stream().filter(Peer::runsAll).map(Peer::name).toList();
    }

    /// Writes `bench.md`, `bench-cpu.svg`.
    void write() throws IOException {
        Files.createDirectories(options.results());
        head();
        byLoad("CPU per request, µs (per connection for handshakes)", results::cpu);
        text.append("\n![CPU per request over nginx's](bench-cpu.svg)\n");
        byLoad("Requests per second, saturated", results::perSecond);
        byLoad("Median latency, saturated, ms", results::p50);
        byLoad("99th percentile, saturated, ms", results::p99);
        bare();
        costs();
        processes();
        new Targets(results).append(text);
        Files.writeString(options.results().resolve("bench.md"), text);
        Files.writeString(options.results().resolve("bench-cpu.svg"), plot());
        System.out.print(text);
    }

    private void head() throws IOException {
        text.append("# Sallyport and its peers\n\nBy `make bench` on ").append(LocalDate.now()).append(", on one machine (")
                .append(Machine.processor()).append("): each proxy on one core, load and origin on the other. Medians of ")
                .append(options.rounds()).append(" interleaved rounds of ").append(options.seconds())
                .append(" s a turn; load average ").append(Machine.loadAverage())
                .append(" at the end. CPU is user and system time of the proxy's processes; it compares where rates do not,"
                        + " because others share the machine. All write an access log to a file, but for `-bare` and Spring"
                        + " Cloud Gateway, which has none by default; Sallyport's metrics are always on.\n\n");
        results.versions.forEach((name, version) -> text.append("- ").append(name).append(": ").append(version)
                .append(results.failures(name) == 0 ? "" : ", " + results.failures(name) + " requests failed")
                .append('\n'));
    }

    private interface Figure {
        double of(String peer, Load load);
    }

    private void byLoad(String title, Figure figure) {
        header(title, "load");
        for (Load load : options.loads()) {
            row(load.title, peer -> figure.of(peer, load));
        }
    }

    private void bare() {
        if (results.has(Options.NGINX_BARE) && results.has(Options.JVM_BARE)) {
            text.append("\nWithout access log, ").append(Load.SMALL.title).append(": nginx ")
                    .append(Figures.text(results.cpu(Options.NGINX_BARE, Load.SMALL))).append(" µs, Sallyport ")
                    .append(Figures.text(results.cpu(Options.JVM_BARE, Load.SMALL))).append(" µs.\n");
        }
    }

    /// What one thing costs a small request.
    private void costs() {
        if (!results.has(Options.JVM_POLICIES)
                && !results.has(Options.JVM_TOKENS)
                && !results.has(Options.JVM_FORMAT)
                && !results.has(Options.JVM_TRACES + "-1")) {
            return;
        }
        text.append("\n## What it costs a small request\n| | CPU, µs | over the same without | more, µs |\n|---|--:|--:|--:|\n");
        cost("1,000 policies, JVM", Options.JVM_POLICIES, Options.JVM);
        cost("1,000 policies, native", Options.NATIVE_POLICIES, Options.NATIVE);
        cost("a token that was verified before, JVM", Options.JVM_TOKENS, Options.JVM);
        cost("a token that was verified before, native", Options.NATIVE_TOKENS, Options.NATIVE);
        cost("an access log of ten operators, JVM", Options.JVM_FORMAT, Options.JVM);
        cost("an access log of ten operators, native", Options.NATIVE_FORMAT, Options.NATIVE);
        for (int percent : new int[] {0, 1, 100}) {
            cost("traces of " + percent + " %, JVM", Options.JVM_TRACES + "-" + percent, Options.JVM);
            cost("traces of " + percent + " %, native", Options.NATIVE_TRACES + "-" + percent, Options.NATIVE);
        }
    }

    private void cost(String what, String with, String without) {
        if (results.has(with) && results.has(without)) {
            double cpu = results.cpu(with, Load.SMALL);
            double base = results.cpu(without, Load.SMALL);
            text.append("| ").append(what).append(" | ").append(Figures.text(cpu)).append(" | ")
                    .append(Figures.text(cpu / base)).append(" | ").append(Figures.text(cpu - base)).append(" |\n");
        }
    }

    private void processes() {
        header("The processes", "");
        row("exec to first proxied answer, ms", peer -> results.footprints.get(peer).startMillis());
        row("resident after the first answer, MB", peer -> results.footprints.get(peer).idleMegabytes());
        row("resident after all loads, MB", peer -> results.footprints.get(peer).loadedMegabytes());
        row("p99 at half of Sallyport's rate, ms", results::pacedP99);
        if (!results.crowds.isEmpty()) {
            row("resident with 10,000 idle connections, MB", peer -> results.crowds.get(peer).plainMegabytes());
            row("CPU per small request beside them, µs", peer -> results.crowds.get(peer).cpuMicros());
            row("resident with 10,000 idle TLS connections, MB", peer -> results.crowds.get(peer).tlsMegabytes());
        }
    }

    private void header(String title, String first) {
        text.append("\n## ").append(title).append("\n| ").append(first).append(" |");
        all.forEach(peer -> text.append(' ').append(peer).append(" |"));
        ratios().forEach((name, pair) -> text.append(' ').append(name).append(" |"));
        text.append("\n|---|").append("--:|".repeat(all.size() + ratios().size())).append('\n');
    }

    private void row(String title, ToDoubleFunction<String> figure) {
        text.append("| ").append(title).append(" |");
        all.forEach(peer -> text.append(' ').append(Figures.text(figure.applyAsDouble(peer))).append(" |"));
        ratios().forEach((name, pair) -> text.append(' ')
                .append(Figures.text(figure.applyAsDouble(pair.get(0)) / figure.applyAsDouble(pair.get(1))))
                .append(" |"));
        text.append('\n');
    }

    /// By title: a peer over another.
    private Map<String, List<String>> ratios() {
        Map<String, List<String>> ratios = new LinkedHashMap<>();
        for (String ours : Stream.of(Options.JVM, Options.NATIVE).filter(all::contains).toList()) {
            for (String other : Stream.of(Options.NGINX, Options.HAPROXY).filter(all::contains).toList()) {
                ratios.put(ours.replace("sallyport-", "") + " ÷ " + other, List.of(ours, other));
            }
        }
        return ratios;
    }

    private String plot() {
        List<String> series = new ArrayList<>(all);
        Map<String, List<Double>> groups = new LinkedHashMap<>();
        for (Load load : options.loads()) {
            double nginx = results.cpu(Options.NGINX, load);
            groups.put(load.title, series.stream().map(peer -> results.cpu(peer, load) / nginx).toList());
        }
        return Plot.bars("CPU per request over nginx's (less is better; long bars are cut)", series, groups, 5);
    }
}
