import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Random edits, a fifth of them with faults, of a gateway that is never without requests. Run by `faults.sh`.
public final class FaultsUnderLoad {
    /// A change that is not in force by then has been lost.
    private static final Duration BOUND = Duration.ofSeconds(5);

    private static final Duration WARM_UP = Duration.ofSeconds(3);

    private final Tally tally = new Tally();
    private final Latencies applied = new Latencies();

    private FaultsUnderLoad() {}

    /// @param args the gateway's jar, the number of edits, the seed of what is random
    public static void main(String[] args) throws Exception {
        Path work = Files.createTempDirectory("sallyport-load");
        // Names for this process alone; nothing is retried.
        Path names = Files.writeString(work.resolve("hosts"), "127.0.0.1 " + ServerCertificate.HOST + "\n");
        System.setProperty("jdk.net.hosts.file", names.toString());
        System.setProperty("jdk.httpclient.disableRetryConnect", "true");
        System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
        int failures;
        try (Upstream even = new Upstream("even");
                Upstream odd = new Upstream("odd")) {
            ServerCertificate certificate = ServerCertificate.make("a", work);
            new GatewayDirectories(work, even.port()).writeSecret(certificate);
            FaultyDirectory directory =
                    new FaultyDirectory(work, even.port(), odd.port(), Long.parseLong(args[2]));
            try (Gateway gateway = Gateway.start(Path.of(args[0]), work)) {
                failures = new FaultsUnderLoad().run(gateway, directory, certificate, Integer.parseInt(args[1]));
            }
        } finally {
            delete(work);
        }
        System.exit(failures == 0 ? 0 : 1);
    }

    private int run(Gateway gateway, FaultyDirectory directory, ServerCertificate certificate, int edits)
            throws Exception {
        long start = System.nanoTime();
        long held = 0;
        try (FaultTraffic traffic = new FaultTraffic(gateway, directory, certificate, tally);
                HttpClientConnection probe = new HttpClientConnection(gateway.plainSocket())) {
            traffic.start();
            Thread.sleep(WARM_UP);
            for (int i = 0; i < edits; i++) {
                edit(directory, probe);
                held = Math.max(held, gateway.metric("sallyport_config_resources{state=\"held\"}"));
            }
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        long refused = gateway.metric("sallyport_config_reloads_total{result=\"refused\"}");
        if (refused > 0) {
            tally.failed("edits", refused + " generations were refused");
        }
        int exitCode = gateway.stop();
        if (exitCode != 0) {
            tally.failed("gateway", "it ended with exit code " + exitCode);
        }
        if (tally.failures() > 0) {
            System.err.println(gateway.lastLogLines());
        }
        print(took, edits, directory.faults(), held);
        return tally.failures();
    }

    private void edit(FaultyDirectory directory, HttpClientConnection probe) throws Exception {
        long start = System.nanoTime();
        List<FaultyDirectory.Host> edited = directory.edit();
        FaultyDirectory.Host first = edited.getFirst();
        while (!("" + first.most()).equals(probe.get(first.name(), "/").header("x-version"))) {
            if (System.nanoTime() - start > BOUND.toNanos()) {
                tally.failed("edits", first.name() + ": version " + first.most() + " is not served after " + BOUND);
                break;
            }
            Thread.sleep(1);
        }
        FaultyDirectory.inForce(edited);
        applied.add(System.nanoTime() - start);
    }

    private void print(Duration took, int edits, int faults, long held) {
        tally.messages().forEach(System.err::println);
        System.out.printf("| what | done | failed | p50 | p99 | longest |%n|---|--:|--:|--:|--:|--:|%n");
        for (String kind : List.of("kept", "new", "kept with TLS", "new with TLS", "HTTP/2", "denied")) {
            System.out.printf(
                    "| requests, %s | %d | %d | | | |%n", kind, tally.count(kind), tally.failed(kind));
        }
        System.out.printf(
                "| edits, from the rename to the first answer | %d | %d | %d ms | %d ms | %d ms |%n",
                edits, tally.failed("edits"), applied.millis(0.5), applied.millis(0.99), applied.millis(1));
        System.out.printf(
                "%n%d s on %d processors; %d edits had a fault, at most %d resources were held at once;"
                        + " %d answers were of a generation that was not to be served, %d of two at once.%n",
                took.toSeconds(),
                Runtime.getRuntime().availableProcessors(),
                faults,
                held,
                tally.failed("generations"),
                tally.failed("mixtures"));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
