import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Reloads and certificate rotations of a gateway that is never without requests. Run by `reloads.sh`.
public final class ReloadUnderLoad {
    /// A change that is not in force by then has been lost.
    private static final Duration BOUND = Duration.ofSeconds(5);

    /// After a swap to another certificate and back, what comes of the first swap has come by then.
    private static final Duration STEADY = Duration.ofMillis(300);

    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final int THERE_AND_BACK_EVERY = 10;

    private final Tally tally = new Tally();
    private final GatewayDirectories directories;
    private final Gateway gateway;
    private final List<ServerCertificate> certificates;

    private ReloadUnderLoad(
            GatewayDirectories directories, Gateway gateway, List<ServerCertificate> certificates) {
        this.directories = directories;
        this.gateway = gateway;
        this.certificates = certificates;
    }

    /// @param args the gateway's jar, the number of reloads, the number of rotations
    public static void main(String[] args) throws Exception {
        Path work = Files.createTempDirectory("sallyport-load");
        int failures;
        try (Upstream upstream = new Upstream()) {
            List<ServerCertificate> certificates = List.of(
                    ServerCertificate.make("a", work), ServerCertificate.make("b", work), ServerCertificate.make("c", work));
            GatewayDirectories directories = new GatewayDirectories(work, upstream.port());
            directories.writeGateway();
            directories.writeGeneration(0);
            directories.writeSecret(certificates.getFirst());
            try (Gateway gateway = Gateway.start(Path.of(args[0]), work)) {
                failures = new ReloadUnderLoad(directories, gateway, certificates)
                        .run(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            }
        } finally {
            delete(work);
        }
        System.exit(failures == 0 ? 0 : 1);
    }

    private int run(int reloads, int rotations) throws Exception {
        Latencies applied = new Latencies();
        Latencies rotated = new Latencies();
        long start = System.nanoTime();
        try (Traffic traffic = new Traffic(gateway, certificates, tally)) {
            traffic.start();
            Thread.sleep(WARM_UP);
            reload(reloads, applied);
            rotate(rotations, rotated);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        long refused = gateway.metric("sallyport_config_reloads_total{result=\"refused\"}");
        if (refused > 0) {
            tally.failed("changes", refused + " generations were refused");
        }
        int exitCode = gateway.stop();
        if (exitCode != 0) {
            tally.failed("gateway", "it ended with exit code " + exitCode);
        }
        if (tally.failures() > 0) {
            System.err.println(gateway.lastLogLines());
        }
        print(took, reloads, applied, rotations, rotated);
        return tally.failures();
    }

    private void reload(int count, Latencies applied) throws Exception {
        try (HttpClientConnection probe = new HttpClientConnection(gateway.plainSocket())) {
            for (int generation = 1; generation <= count; generation++) {
                long start = System.nanoTime();
                directories.writeGeneration(generation);
                while (!isServed(probe, generation)) {
                    if (System.nanoTime() - start > BOUND.toNanos()) {
                        tally.failed("reloads", "generation " + generation + " is not served after " + BOUND);
                        break;
                    }
                    Thread.sleep(1);
                }
                applied.add(System.nanoTime() - start);
            }
        }
    }

    /// The route that came with it answers, and the one that left with it does not.
    private static boolean isServed(HttpClientConnection probe, int generation) throws IOException {
        HttpClientConnection.Response present = probe.get(GatewayDirectories.present(generation), "/");
        return present.status() == 200
                && ("" + generation).equals(present.header("x-generation"))
                && probe.get(GatewayDirectories.absent(generation), "/").status() == 404;
    }

    private void rotate(int count, Latencies rotated) throws Exception {
        for (int i = 1; i <= count; i++) {
            // a b a c, and again: every other one returns to what was served before.
            ServerCertificate next = certificates.get(i % 2 == 0 ? 0 : i % 4 == 1 ? 1 : 2);
            long start = System.nanoTime();
            directories.writeSecret(next);
            awaitCertificate(next);
            rotated.add(System.nanoTime() - start);
            if (i % THERE_AND_BACK_EVERY == 0) {
                directories.writeSecret(certificates.get(1));
                Thread.sleep(i / THERE_AND_BACK_EVERY % 7);
                directories.writeSecret(next);
                Thread.sleep(STEADY);
                awaitCertificate(next);
            }
        }
    }

    private void awaitCertificate(ServerCertificate expected) throws Exception {
        long start = System.nanoTime();
        while (true) {
            try (var socket = gateway.secureSocket(Tls.trusting(certificates))) {
                if (socket.getSession().getPeerCertificates()[0].equals(expected.certificate())) {
                    return;
                }
            }
            if (System.nanoTime() - start > BOUND.toNanos()) {
                tally.failed("rotations", "certificate " + expected.name() + " is not served after " + BOUND);
                return;
            }
            Thread.sleep(1);
        }
    }

    private void print(Duration took, int reloads, Latencies applied, int rotations, Latencies rotated) {
        tally.messages().forEach(System.err::println);
        System.out.printf("| what | done | failed | p50 | p99 | longest |%n|---|--:|--:|--:|--:|--:|%n");
        row("requests, kept connections", tally.count("kept"), tally.failed("kept"), null);
        row("requests, a new connection each", tally.count("new"), tally.failed("new"), null);
        row("TLS handshakes", tally.count("handshakes"), tally.failed("handshakes"), null);
        row("reloads, from the rename to the first answer", reloads, tally.failed("reloads"), applied);
        row("rotations, from the swap to the first handshake", rotations, tally.failed("rotations"), rotated);
        System.out.printf(
                "%n%d s on %d processors; %d kept connections were closed with notice.%n",
                took.toSeconds(), Runtime.getRuntime().availableProcessors(), tally.count("closed with notice"));
    }

    private static void row(String what, long done, long failed, Latencies latencies) {
        String times = latencies == null || latencies.isEmpty()
                ? " | |"
                : "%d ms | %d ms | %d ms"
                        .formatted(latencies.millis(0.5), latencies.millis(0.99), latencies.millis(1));
        System.out.printf("| %s | %d | %d | %s |%n", what, done, failed, times);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
