package scale;

import common.ProcessFigures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A gateway as a process of its own.
final class RunningGateway implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120);
    private static final String LAST_RELOAD = "sallyport_config_last_reload_seconds";
    private static final String LOOP_DELAY = "sallyport_config_last_reload_loop_delay_seconds";

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final int port;
    private final int healthPort;

    private RunningGateway(Process process, int port, int healthPort) {
        this.process = process;
        this.port = port;
        this.healthPort = healthPort;
    }

    /// Returns when it is ready.
    static RunningGateway start(Candidate candidate, Path configuration) throws IOException, InterruptedException {
        int port = freePort();
        int healthPort = freePort();
        List<String> command = new ArrayList<>(candidate.command());
        command.add("serve");
        Path log = configuration.resolveSibling(configuration.getFileName() + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "SALLYPORT_CONFIG_DIR", configuration.toString(),
                        "SALLYPORT_SECRETS_DIR", configuration.resolveSibling("secrets").toString(),
                        "SALLYPORT_PORT_MAP_80", "" + port,
                        "SALLYPORT_ADMIN_PORT", "0",
                        "SALLYPORT_HEALTH_PORT", "" + healthPort));
        RunningGateway gateway = new RunningGateway(builder.start(), port, healthPort);
        try {
            gateway.awaitReady();
            return gateway;
        } catch (IOException failed) {
            gateway.close();
            throw new IOException(candidate.name() + " does not start: " + Files.readString(log), failed);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + START.toNanos();
        while (process.isAlive() && System.nanoTime() < end) {
            try {
                if (ask("/healthz/ready").statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // It does not listen yet.
            }
            Thread.sleep(50);
        }
        throw new IOException("not ready");
    }

    private HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + healthPort + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    int port() {
        return port;
    }

    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /// How long a phase of the last reload took, in milliseconds; NaN where the gateway does not say.
    double reloadMillis(String phase) throws IOException, InterruptedException {
        return millis(LAST_RELOAD, phase);
    }

    /// How late an event loop was at most in a phase of the last reload, likewise.
    double loopDelayMillis(String phase) throws IOException, InterruptedException {
        return millis(LOOP_DELAY, phase);
    }

    private double millis(String metric, String phase) throws IOException, InterruptedException {
        String sample = metric + "{phase=\"" + phase + "\"";
        return ask("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(sample))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))) * 1000)
                .findFirst()
                .orElse(Double.NaN);
    }

    /// User and system time so far.
    double cpuSeconds() {
        return ProcessFigures.cpuSeconds(process.pid());
    }

    /// Resident now, in MB.
    double residentMegabytes() {
        return ProcessFigures.residentMegabytes(process.pid());
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        client.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
