package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/// Runs the peers side by side: all are up at once, and in each round every peer takes its turn at every load, so what
/// else happens on the machine happens to all of them.
public final class Bench {
    /// Turns at each load, for those that compile as they run.
    private static final int WARM_ROUNDS = 3;
    private static final int WARM_SECONDS = 4;
    private static final int IDLE_CONNECTIONS = 10_000;
    private static final double FAILED = Double.NaN;

    private final Options options;
    private final Results results = new Results();
    private final List<RunningPeer> running = new ArrayList<>();

    private Bench(Options options) {
        this.options = options;
    }

    public static void main(String[] args) throws IOException, InterruptedException, GeneralSecurityException {
        Bench bench = new Bench(Options.parse(args));
        Path work = Files.createTempDirectory("sallyport-bench");
        try (Collector collector = Collector.start();
                Origin origin = Origin.start(work, collector.port())) {
            bench.run(origin.site());
        } finally {
            bench.running.forEach(RunningPeer::close);
            delete(work);
        }
        new Report(bench.options, bench.results).write();
    }

    private void run(Site site) throws IOException, InterruptedException, GeneralSecurityException {
        for (Peer peer : options.peers()) {
            results.versions.put(peer.name(), peer.version());
            System.out.println(peer.name() + ": " + results.versions.get(peer.name()));
            start(peer, site);
        }
        Map<String, Double> idle = new HashMap<>();
        running.forEach(peer -> idle.put(peer.peer.name(), peer.residentMegabytes()));
        for (int i = 0; i < WARM_ROUNDS; i++) {
            warmUp();
        }
        for (int i = 1; i <= options.rounds(); i++) {
            round(i);
            paced();
        }
        for (RunningPeer peer : running) {
            String name = peer.peer.name();
            results.footprints.put(
                    name, new Results.Footprint(peer.startMillis, idle.get(name), peer.residentMegabytes()));
        }
        for (RunningPeer peer : running) {
            if (peer.peer.field() == Peer.Field.LEAN) {
                results.insides.put(peer.peer.name(), inside(peer));
            }
        }
        if (options.crowd()) {
            crowd();
        }
    }

    private void start(Peer peer, Site site) throws IOException, InterruptedException {
        RunningPeer last = RunningPeer.start(peer, site);
        running.add(last);
        say(peer.name() + ": first answer after " + Figures.text(last.startMillis) + " ms");
    }

    private void warmUp() throws IOException, InterruptedException {
        for (Load load : options.loads()) {
            say("warming up: " + load.title);
            for (RunningPeer peer : running) {
                if (peer.peer.warmsUp() && peer.peer.runs(load)) {
                    load.run(peer.ports, peer.headers, WARM_SECONDS);
                }
            }
        }
    }

    private void round(int number) throws IOException, InterruptedException {
        for (Load load : options.loads()) {
            StringBuilder line = new StringBuilder("round " + number + ", " + load.title + ":");
            for (RunningPeer peer : running) {
                if (peer.peer.runs(load)) {
                    Results.Turn turn = turn(peer, load);
                    results.add(peer.peer.name(), load, turn);
                    line.append("  ").append(peer.peer.name()).append(' ').append(Figures.text(turn.cpuMicros()));
                    if (turn.failures() > 0) {
                        line.append(" (").append(turn.failures()).append(" failed)");
                    }
                }
            }
            say(line.toString());
        }
    }

    private Results.Turn turn(RunningPeer peer, Load load) throws IOException, InterruptedException {
        double before = peer.cpuSeconds();
        Outcome outcome = load.run(peer.ports, peer.headers, options.seconds());
        double cpu = peer.cpuSeconds() - before;
        long count = outcome.count();
        return new Results.Turn(
                count == 0 ? FAILED : cpu / count * 1e6,
                count / outcome.seconds(),
                outcome.p50(),
                outcome.p99(),
                outcome.failures());
    }

    /// All at half of what the first of Sallyport's peers can do.
    private void paced() throws IOException, InterruptedException {
        String first = options.peers().stream().filter(p -> p instanceof Sallyport).findFirst().orElseThrow().name();
        double half = results.perSecond(first, Load.SMALL) / 2;
        for (RunningPeer peer : running) {
            if (peer.peer.field() != Peer.Field.VARIANT) {
                Outcome outcome = H2Load.paced(
                        "http://127.0.0.1:" + peer.ports.http() + "/", "bench.example", options.seconds(), half);
                results.pacedP99
                        .computeIfAbsent(peer.peer.name(), p -> new ArrayList<>())
                        .add(outcome.p99());
            }
        }
    }

    private Results.Inside inside(RunningPeer peer) throws IOException, InterruptedException {
        long from = Files.size(peer.output);
        long requests = Load.SMALL.run(peer.ports, peer.headers, options.seconds()).count();
        Collections collections = Collections.read(peer.output, from);
        double calls = Double.NaN;
        if (SystemCalls.canBeCounted()) {
            try (SystemCalls counted = SystemCalls.of(peer)) {
                Outcome beside = Load.SMALL.run(peer.ports, peer.headers, 1);
                calls = (double) counted.count() / beside.count();
            }
        }
        return new Results.Inside(collections.bytesEach(requests), collections.longestPauseMillis(), calls);
    }

    private void crowd() throws IOException, InterruptedException, GeneralSecurityException {
        SSLContext tls = IdleConnections.anyCertificate();
        for (RunningPeer peer : running) {
            if (peer.peer.field() != Peer.Field.EQUAL) {
                continue;
            }
            try {
                results.crowds.put(peer.peer.name(), crowd(peer, tls));
            } catch (IOException refused) {
                // All else that was measured is to be reported.
                results.crowds.put(peer.peer.name(), new Results.Crowd(Double.NaN, Double.NaN, Double.NaN));
                say("a peer does not take the connections: " + refused.getMessage());
            }
            say(IDLE_CONNECTIONS + " idle connections: " + peer.peer.name() + " " + results.crowds.get(peer.peer.name()));
        }
    }

    private Results.Crowd crowd(RunningPeer peer, SSLContext tls) throws IOException, InterruptedException {
        double plain;
        double cpu;
        try (IdleConnections _ = IdleConnections.open(IDLE_CONNECTIONS, peer.ports.http(), null)) {
            plain = peer.residentMegabytes();
            cpu = turn(peer, Load.SMALL).cpuMicros();
        }
        try (IdleConnections _ = IdleConnections.open(IDLE_CONNECTIONS, peer.ports.tls(), tls)) {
            return new Results.Crowd(plain, peer.residentMegabytes(), cpu);
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
