package bench;

import common.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// The results as Markdown tables, and as plots beside them.
final class Report {
    /// Two runs should not lie further apart than this.
    private static final double MOST_APART = 0.05;

    private final Options options;
    private final Results results;
    private final Group equal;
    private final Group lean;
    private final StringBuilder text = new StringBuilder();

    Report(Options options, Results results) {
        this.options = options;
        this.results = results;
        equal = Group.of(options, Peer.Field.EQUAL, List.of(Options.JVM, Options.NATIVE), List.of(Options.NGINX, Options.HAPROXY));
        lean = Group.of(
                options,
                Peer.Field.LEAN,
                List.of(Options.JVM_BARE, Options.NATIVE_BARE),
                List.of(Options.NGINX_LEAN, Options.HAPROXY_LEAN));
    }

    /// Peers that have tables of their own.
    ///
    /// @param ratios by title: a peer over another
    private record Group(List<String> peers, Map<String, List<String>> ratios) {
        static Group of(Options options, Peer.Field field, List<String> ours, List<String> others) {
            List<String> peers = options.peers().stream().filter(p -> p.field() == field).map(Peer::name).toList();
            Map<String, List<String>> ratios = new LinkedHashMap<>();
            for (String own : ours.stream().filter(peers::contains).toList()) {
                for (String other : others.stream().filter(peers::contains).toList()) {
                    String title = (own.contains("-jvm") ? "jvm" : "native") + " ÷ " + other.replace("-lean", "");
                    ratios.put(title, List.of(own, other));
                }
            }
            return new Group(peers, ratios);
        }
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
        agreement();
        costs();
        processes();
        insides();
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
                        + " because others share the machine. All write an access log to a file and add the same headers, but for"
                        + " Spring Cloud Gateway, which has no log by default. The lean ones write none, and add no headers but"
                        + " for Sallyport, whose `-bare` adds them nevertheless; its metrics are always on.\n\n");
        results.versions.forEach((name, version) -> text.append("- ").append(name).append(": ").append(version)
                .append(results.failures(name) == 0 ? "" : ", " + results.failures(name) + " requests failed")
                .append('\n'));
    }

    private interface Figure {
        double of(String peer, Load load);
    }

    private void byLoad(String title, Figure figure) {
        text.append("\n## ").append(title).append('\n');
        for (Group group : groups()) {
            header(group, group == lean ? "load, lean" : "load");
            for (Load load : options.loads()) {
                row(group, load.title, peer -> figure.of(peer, load));
            }
        }
    }

    private List<Group> groups() {
        return Stream.of(equal, lean).filter(group -> !group.peers().isEmpty()).toList();
    }

    /// Whether another run would say the same.
    private void agreement() {
        List<Double> apart = groups().stream()
                .flatMap(group -> group.ratios().values().stream())
                .flatMap(pair -> options.loads().stream().map(load -> results.disagreement(pair.get(0), pair.get(1), load)))
                .filter(each -> !each.isNaN())
                .toList();
        if (!apart.isEmpty()) {
            long further = apart.stream().filter(each -> each > MOST_APART).count();
            text.append("\nThe even and the odd rounds, as two runs, differ in their ratios of CPU by ")
                    .append(Figures.text(Figures.median(apart) * 100)).append(" % in the median; ")
                    .append(further).append(" of ").append(apart.size()).append(" differ by more than 5 %")
                    .append(further == 0 ? ".\n" : ": for those the machine was too noisy, or the rounds too few.\n");
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
        text.append("\n## The processes\n");
        if (equal.peers().isEmpty()) {
            return;
        }
        header(equal, "");
        row(equal, "exec to first proxied answer, ms", peer -> results.footprints.get(peer).startMillis());
        row(equal, "resident after the first answer, MB", peer -> results.footprints.get(peer).idleMegabytes());
        row(equal, "resident after all loads, MB", peer -> results.footprints.get(peer).loadedMegabytes());
        row(equal, "p99 at half of Sallyport's rate, ms", results::pacedP99);
        if (!results.crowds.isEmpty()) {
            row(equal, "resident with 10,000 idle connections, MB", peer -> results.crowds.get(peer).plainMegabytes());
            row(equal, "CPU per small request beside them, µs", peer -> results.crowds.get(peer).cpuMicros());
            row(equal, "resident with 10,000 idle TLS connections, MB", peer -> results.crowds.get(peer).tlsMegabytes());
        }
    }

    private void insides() {
        if (!results.insides.isEmpty()) {
            header(lean, "a small request, lean");
            row(lean, "bytes allocated", peer -> results.insides.get(peer).allocatedBytes());
            row(lean, "longest pause for garbage in a turn, ms", peer -> results.insides.get(peer).pauseMillis());
            row(lean, "system calls", peer -> results.insides.get(peer).systemCalls());
            row(lean, "p99 at half of Sallyport's rate, ms", results::pacedP99);
        }
    }

    private void header(Group group, String first) {
        text.append("\n| ").append(first).append(" |");
        group.peers().forEach(peer -> text.append(' ').append(peer).append(" |"));
        group.ratios().forEach((name, pair) -> text.append(' ').append(name).append(" |"));
        text.append("\n|---|").append("--:|".repeat(group.peers().size() + group.ratios().size())).append('\n');
    }

    private void row(Group group, String title, ToDoubleFunction<String> figure) {
        text.append("| ").append(title).append(" |");
        group.peers().forEach(peer -> text.append(' ').append(Figures.text(figure.applyAsDouble(peer))).append(" |"));
        group.ratios().forEach((name, pair) -> text.append(' ')
                .append(Figures.text(figure.applyAsDouble(pair.get(0)) / figure.applyAsDouble(pair.get(1))))
                .append(" |"));
        text.append('\n');
    }

    private String plot() {
        List<String> series = equal.peers();
        Map<String, List<Double>> groups = new LinkedHashMap<>();
        for (Load load : options.loads()) {
            double nginx = results.cpu(Options.NGINX, load);
            groups.put(load.title, series.stream().map(peer -> results.cpu(peer, load) / nginx).toList());
        }
        return Plot.bars("CPU per request over nginx's (less is better; long bars are cut)", series, groups, 5);
    }
}
