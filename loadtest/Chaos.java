import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/// Makes one of four endpoints of a running gateway misbehave under load, in every way in turn, and says what clients
/// saw of it.
public final class Chaos {
    private static final int ENDPOINTS = 4;
    private static final int CLIENTS = 8;
    private static final String HOST = "chaos.example";
    private static final long CALM_MILLIS = 3_000;
    private static final long REPAIR_MILLIS = 4_000;
    /// Nothing failed for so long: it has recovered.
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// One request, by the clock of [System#nanoTime].
    private record Result(long endNanos, long nanos, String failure) {}

    private final ConcurrentLinkedQueue<Result> results = new ConcurrentLinkedQueue<>();
    private final Gateway gateway;
    private final BufferedReader answers;
    private final PrintStream commands;
    private volatile boolean over;

    private Chaos(Gateway gateway, Process upstream, BufferedReader answers) {
        this.gateway = gateway;
        this.answers = answers;
        this.commands = new PrintStream(upstream.getOutputStream(), true, StandardCharsets.US_ASCII);
    }

    /// @param args the packaged gateway; seconds that each fault lasts
    public static void main(String[] args) throws Exception {
        Path work = Files.createTempDirectory("sallyport-chaos");
        Process upstream = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "loadtest/ChaosUpstream.java",
                        Integer.toString(ENDPOINTS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader answers = upstream.inputReader(StandardCharsets.US_ASCII);
        writeConfiguration(work, answers.readLine().split(" "));
        boolean held;
        try (Gateway gateway = Gateway.start(Path.of(args[0]), work)) {
            held = new Chaos(gateway, upstream, answers).run(TimeUnit.SECONDS.toMillis(Long.parseLong(args[1])));
        } finally {
            upstream.destroy();
        }
        System.exit(held ? 0 : 1);
    }

    private static void writeConfiguration(Path work, String[] ports) throws IOException {
        StringBuilder endpoints = new StringBuilder();
        for (String port : ports) {
            endpoints.append("  - {address: 127.0.0.1, ports: {http: ").append(port).append("}}\n");
        }
        Path config = Files.createDirectories(work.resolve("config"));
        Files.createDirectories(work.resolve("secrets"));
        Files.writeString(config.resolve("chaos.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: ["*"]
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: chaos}
                spec:
                  hosts: [chaos.internal]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints:
                %s---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: chaos}
                spec:
                  host: chaos.internal
                  trafficPolicy:
                    connectionPool: {tcp: {connectTimeout: 0.5s}}
                    outlierDetection:
                      consecutive5xxErrors: 3
                      interval: 0.2s
                      baseEjectionTime: 2s
                      maxEjectionPercent: 50
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: chaos}
                spec:
                  hosts: [%s]
                  gateways: [edge]
                  http:
                  - route: [{destination: {host: chaos.internal, port: {number: 80}}}]
                    timeout: 1s
                """.formatted(endpoints, HOST));
    }

    private boolean run(long faultMillis) throws Exception {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(Thread.ofVirtual().start(this::ask));
        }
        Thread.sleep(CALM_MILLIS);
        System.out.printf(
                "%-8s %9s %7s %9s %14s %14s %10s %s%n",
                "fault", "requests", "failed", "ejected", "after it", "recovered", "p99 added", "first failure");
        boolean held = true;
        for (String fault : List.of("REFUSE", "HANG", "RESET", "ERROR", "SLOW", "BLINK")) {
            held &= strike(fault, faultMillis);
        }
        over = true;
        for (Thread client : clients) {
            client.join();
        }
        return held;
    }

    /// @return false where requests failed although an ejection should have kept them from the dead endpoint
    private boolean strike(String fault, long faultMillis) throws Exception {
        results.clear();
        Thread.sleep(CALM_MILLIS);
        long calm = p99(List.copyOf(results));
        long ejectionsBefore = ejections();
        results.clear();
        long start = System.nanoTime();
        become(fault);
        long ejected = awaitEjection(ejectionsBefore, start, TimeUnit.MILLISECONDS.toNanos(faultMillis));
        Thread.sleep(Math.max(0, faultMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)));
        List<Result> during = List.copyOf(results);
        become("OK");
        Thread.sleep(REPAIR_MILLIS);
        return report(fault, during, start, ejected, calm);
    }

    private boolean report(String fault, List<Result> during, long start, long ejected, long calm) {
        long failed = 0;
        long afterEjection = 0;
        long last = start;
        String first = "";
        for (Result result : during) {
            if (result.failure == null) {
                continue;
            }
            first = failed == 0 ? result.failure : first;
            failed++;
            last = Math.max(last, result.endNanos);
            // What was under way at the moment of the ejection is not held against it.
            afterEjection += ejected > 0 && result.endNanos - result.nanos > ejected ? 1 : 0;
        }
        boolean recovered = during.isEmpty() || during.getLast().endNanos - last > QUIET_NANOS;
        System.out.printf(
                "%-8s %9d %7d %9s %14d %14s %7d ms %s%n",
                fault,
                during.size(),
                failed,
                ejected == 0 ? "never" : millis(ejected - start) + " ms",
                afterEjection,
                failed == 0 ? "at once" : recovered ? millis(last - start) + " ms" : "never",
                Math.max(0, p99(during) - calm),
                first);
        return !fault.equals("REFUSE") || afterEjection == 0;
    }

    private void ask() {
        while (!over) {
            try (HttpClientConnection connection = new HttpClientConnection(gateway.plainSocket())) {
                boolean last = false;
                while (!over && !last) {
                    long start = System.nanoTime();
                    HttpClientConnection.Response response = connection.get(HOST, "/");
                    int status = response.status();
                    done(start, status == 200 ? null : "status " + status);
                    last = response.isLast();
                }
            } catch (SocketException e) {
                done(System.nanoTime(), e.getMessage());
            } catch (IOException e) {
                done(System.nanoTime(), e.toString());
            }
        }
    }

    private void done(long start, String failure) {
        long now = System.nanoTime();
        results.add(new Result(now, now - start, failure));
    }

    private void become(String mode) throws IOException {
        commands.println("0 " + mode);
        if (!"done".equals(answers.readLine())) {
            throw new IOException("the upstream has ended");
        }
    }

    /// @return when an endpoint was first ejected; 0 for never
    private long awaitEjection(long before, long start, long patienceNanos) throws Exception {
        while (System.nanoTime() - start < patienceNanos) {
            if (ejections() > before) {
                return System.nanoTime();
            }
            Thread.sleep(10);
        }
        return 0;
    }

    private long ejections() throws Exception {
        return gateway.metric("sallyport_upstream_ejections_total{cluster=\"outbound|80||chaos.internal\"}");
    }

    private static long p99(List<Result> some) {
        Latencies latencies = new Latencies();
        some.forEach(result -> latencies.add(result.nanos));
        return latencies.isEmpty() ? 0 : latencies.millis(0.99);
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
