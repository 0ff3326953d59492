import common.ProcessFigures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Starts the gateway again and again: time from exec to the first forwarded answer, memory by then and after some load.
public final class Startup {
    private static final int REQUESTS = 2000;
    private static final long LONGEST_START_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int STOP_SECONDS = 20;

    private final Path work = Files.createTempDirectory("sallyport-startup-");
    private final int plainPort;
    private final Map<String, String> environment;
    private final List<Long> starts = new ArrayList<>();
    private final List<Long> processor = new ArrayList<>();
    private final List<Long> atStart = new ArrayList<>();
    private final List<Long> loaded = new ArrayList<>();

    private Startup(int upstreamPort) throws Exception {
        GatewayDirectories directories = new GatewayDirectories(work, upstreamPort);
        directories.writeGateway();
        directories.writeSecret(ServerCertificate.make("edge", work));
        try (ServerSocket plain = new ServerSocket(0);
                ServerSocket secure = new ServerSocket(0);
                ServerSocket health = new ServerSocket(0)) {
            plainPort = plain.getLocalPort();
            environment = Map.of(
                    "SALLYPORT_CONFIG_DIR", work.resolve("config").toString(),
                    "SALLYPORT_SECRETS_DIR", work.resolve("secrets").toString(),
                    "SALLYPORT_PORT_MAP_80", "" + plainPort,
                    "SALLYPORT_PORT_MAP_443", "" + secure.getLocalPort(),
                    "SALLYPORT_ADMIN_PORT", "0",
                    "SALLYPORT_HEALTH_PORT", "" + health.getLocalPort(),
                    "SALLYPORT_DRAIN_DELAY", "0s");
        }
    }

    /// @param args rounds, then the command that serves
    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[0]);
        List<String> command = Arrays.asList(args).subList(1, args.length);
        try (Upstream upstream = new Upstream()) {
            Startup startup = new Startup(upstream.port());
            for (int i = 0; i < rounds; i++) {
                startup.round(command);
            }
            startup.print();
        }
    }

    private void print() {
        System.out.printf(
                Locale.ROOT,
                "%d starts: first answer after %d ms (%d to %d), %d ms of CPU; resident %d MB then, %d MB after %d requests%n",
                starts.size(),
                median(starts),
                Collections.min(starts),
                Collections.max(starts),
                median(processor),
                median(atStart),
                median(loaded),
                REQUESTS);
    }

    private void round(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        Path log = work.resolve("gateway.log");
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(log.toFile());
        long begin = System.nanoTime();
        Process process = builder.start();
        try {
            while (!answers()) {
                if (!process.isAlive() || System.nanoTime() - begin > LONGEST_START_NANOS) {
                    throw new IOException("no answer:\n" + Files.readString(log));
                }
                Thread.sleep(1);
            }
            starts.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
            processor.add(process.info().totalCpuDuration().orElseThrow().toMillis());
            atStart.add((long) ProcessFigures.residentMegabytes(process.pid()));
            try (HttpClientConnection connection = new HttpClientConnection(connect())) {
                for (int i = 0; i < REQUESTS; i++) {
                    connection.get("steady.example", "/");
                }
            }
            loaded.add((long) ProcessFigures.residentMegabytes(process.pid()));
        } finally {
            process.destroy();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /// True once an answer of the endpoint has come through.
    private boolean answers() {
        try (HttpClientConnection connection = new HttpClientConnection(connect())) {
            return connection.get("steady.example", "/").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), plainPort);
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
