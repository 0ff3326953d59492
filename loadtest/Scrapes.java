import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/// Measures what a scrape of `/metrics` with many label sets, or a look at the admin page of many routes, costs the
/// requests beside it: a steady rate of requests, in turns with and without a scrape or look each second.
public final class Scrapes {
    private static final int FIRST_STATUS = 400;
    private static final int STATUSES = 100;
    private static final int CONNECTIONS = 4;
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long WARM_UP_SECONDS = 10;
    private static final int ROUTES = 10_000;

    /// The times of one turn in milliseconds, and the processor time of a request in microseconds: the gateway's own in
    /// all, scrapes included.
    private record Turn(double p99, double longest, double cpu) {}

    private final Gateway gateway;
    private final int services;
    private final boolean looks;
    private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    private volatile boolean over;
    private volatile boolean failed;

    private Scrapes(Gateway gateway, int services, boolean looks) {
        this.looks = looks;
        this.gateway = gateway;
        this.services = services;
    }

    /// @param args the packaged gateway; rounds; seconds of each turn; label sets, a multiple of 100; `page` for looks
    ///     at the page instead of scrapes
    public static void main(String[] args) throws Exception {
        Path work = Files.createTempDirectory("sallyport-scrapes");
        int rounds = Integer.parseInt(args[1]);
        long seconds = Long.parseLong(args[2]);
        int services = Integer.parseInt(args[3]) / STATUSES;
        boolean looks = args.length > 4 && args[4].equals("page");
        boolean held;
        try (ServerSocket endpoint = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> accept(endpoint));
            writeConfiguration(work, services, endpoint.getLocalPort());
            try (Gateway gateway = Gateway.start(Path.of(args[0]), work)) {
                held = new Scrapes(gateway, services, looks).run(rounds, seconds);
            }
        }
        System.exit(held ? 0 : 1);
    }

    private static void accept(ServerSocket endpoint) {
        while (true) {
            try {
                Socket socket = endpoint.accept();
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    /// Answers `/418` with 418.
    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String line = HttpClientConnection.readLine(in); line != null; line = HttpClientConnection.readLine(in)) {
                String status = line.split("[ /]")[2];
                for (String field = line; field != null && !field.isEmpty(); ) {
                    field = HttpClientConnection.readLine(in);
                }
                socket.getOutputStream()
                        .write(("HTTP/1.1 " + status + " Status\r\ncontent-length: 0\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException gone) {
            // The gateway closes connections that it does not need.
            return;
        }
    }

    private static void writeConfiguration(Path work, int services, int port) throws IOException {
        StringBuilder all = new StringBuilder("""
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: ["*"]
                """);
        for (int i = 0; i < services; i++) {
            all.append("""
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: ServiceEntry
                    metadata: {name: service%1$d}
                    spec:
                      hosts: [service%1$d.internal]
                      location: MESH_INTERNAL
                      resolution: STATIC
                      ports: [{number: 80, name: http, protocol: HTTP}]
                      endpoints: [{address: 127.0.0.1, ports: {http: %2$d}}]
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: service%1$d}
                    spec:
                      hosts: [service%1$d.example]
                      gateways: [edge]
                      http:
                      - route: [{destination: {host: service%1$d.internal, port: {number: 80}}}]
                    """.formatted(i, port));
        }
        all.append("---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: many}\n")
                .append("spec:\n  hosts: [many.example]\n  gateways: [edge]\n  http:\n");
        for (int i = 0; i < ROUTES; i++) {
            all.append("  - {match: [{uri: {exact: /item/").append(i).append("}}], directResponse: {status: 204}}\n");
        }
        Path config = Files.createDirectories(work.resolve("config"));
        Files.createDirectories(work.resolve("secrets"));
        Files.writeString(config.resolve("services.yaml"), all);
    }

    private boolean run(int rounds, long seconds) throws Exception {
        makeLabelSets();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            clients.add(Thread.ofPlatform().daemon().start(this::ask));
        }
        turn(WARM_UP_SECONDS, true);
        System.out.printf("%-6s %40s %40s%n", "round", "without: p99, longest, ms; CPU, us", "beside: p99, longest, ms; CPU, us");
        List<Turn> without = new ArrayList<>();
        List<Turn> beside = new ArrayList<>();
        for (int i = 1; i <= rounds; i++) {
            without.add(turn(seconds, false));
            beside.add(turn(seconds, true));
            print(Integer.toString(i), without.getLast(), beside.getLast());
        }
        print("median", median(without), median(beside));
        System.out.printf(
                Locale.ROOT,
                "%.1f ms of processor time for a %s%n",
                (median(beside).cpu - median(without).cpu) * CONNECTIONS * TimeUnit.SECONDS.toNanos(1) / PERIOD_NANOS / 1e3,
                looks ? "look at the page" : "scrape");
        over = true;
        for (Thread client : clients) {
            client.join();
        }
        String page = gateway.metrics();
        long sets = page.lines().filter(line -> line.startsWith("istio_requests_total{")).count();
        System.out.printf(
                "%d label sets, %d kB a scrape; %d requests a second%s%n",
                sets,
                page.length() / 1000,
                CONNECTIONS * TimeUnit.SECONDS.toNanos(1) / PERIOD_NANOS,
                failed ? "; requests have FAILED" : "");
        return !failed && sets >= (long) services * STATUSES;
    }

    /// One request for each service and status.
    private void makeLabelSets() throws IOException {
        try (HttpClientConnection connection = new HttpClientConnection(gateway.plainSocket())) {
            for (int i = 0; i < services; i++) {
                for (int status = FIRST_STATUS; status < FIRST_STATUS + STATUSES; status++) {
                    int answered = connection.get("service" + i + ".example", "/" + status).status();
                    if (answered != status) {
                        throw new IOException("status " + answered + " in place of " + status);
                    }
                }
            }
        }
    }

    private void ask() {
        try (HttpClientConnection connection = new HttpClientConnection(gateway.plainSocket())) {
            long due = System.nanoTime();
            while (!over) {
                long start = System.nanoTime();
                failed |= connection.get("service0.example", "/" + FIRST_STATUS).status() != FIRST_STATUS;
                nanos.add(System.nanoTime() - start);
                due += PERIOD_NANOS;
                LockSupport.parkNanos(due - System.nanoTime());
            }
        } catch (IOException lost) {
            failed = true;
        }
    }

    private Turn turn(long seconds, boolean scraped) throws Exception {
        nanos.clear();
        Duration before = gateway.cpu();
        long start = System.nanoTime();
        for (int i = 1; i <= seconds; i++) {
            if (scraped && looks) {
                gateway.look();
            } else if (scraped) {
                gateway.scrape();
            }
            long left = TimeUnit.SECONDS.toNanos(i) - (System.nanoTime() - start);
            TimeUnit.NANOSECONDS.sleep(Math.max(0, left));
        }
        long[] times = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        double cpu = gateway.cpu().minus(before).toNanos() / 1e3 / times.length;
        return new Turn(millis(times[times.length * 99 / 100]), millis(times[times.length - 1]), cpu);
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private static Turn median(List<Turn> turns) {
        return new Turn(median(turns, Turn::p99), median(turns, Turn::longest), median(turns, Turn::cpu));
    }

    private static double median(List<Turn> turns, ToDoubleFunction<Turn> of) {
        return turns.stream().mapToDouble(of).sorted().toArray()[turns.size() / 2];
    }

    private static void print(String round, Turn without, Turn beside) {
        System.out.printf(
                Locale.ROOT,
                "%-6s %18.1f %10.1f %10.1f %18.1f %10.1f %10.1f%n",
                round,
                without.p99,
                without.longest,
                without.cpu,
                beside.p99,
                beside.longest,
                beside.cpu);
    }
}
