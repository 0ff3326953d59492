import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// The packaged gateway as a process of its own.
final class Gateway implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final int STOP_SECONDS = 45;
    private static final int LOG_LINES = 60;

    private final Process process;
    private final Path log;
    private final HttpClient client = HttpClient.newHttpClient();
    private final int plainPort;
    private final int securePort;
    private final int healthPort;
    private final int adminPort;

    private Gateway(Process process, Path log, int plainPort, int securePort, int healthPort, int adminPort) {
        this.process = process;
        this.log = log;
        this.plainPort = plainPort;
        this.securePort = securePort;
        this.healthPort = healthPort;
        this.adminPort = adminPort;
    }

    /// Returns when it is ready.
    static Gateway start(Path jar, Path work) throws IOException, InterruptedException {
        try (ServerSocket plain = new ServerSocket(0);
                ServerSocket secure = new ServerSocket(0);
                ServerSocket health = new ServerSocket(0);
                ServerSocket admin = new ServerSocket(0)) {
            int plainPort = plain.getLocalPort();
            int securePort = secure.getLocalPort();
            int healthPort = health.getLocalPort();
            int adminPort = admin.getLocalPort();
            ProcessBuilder builder = new ProcessBuilder(command(jar));
            builder.environment()
                    .putAll(Map.of(
                            "SALLYPORT_CONFIG_DIR", work.resolve("config").toString(),
                            "SALLYPORT_SECRETS_DIR", work.resolve("secrets").toString(),
                            "SALLYPORT_IDENTITY_DIR", work.resolve("identity").toString(),
                            "SALLYPORT_PORT_MAP_80", "" + plainPort,
                            "SALLYPORT_PORT_MAP_443", "" + securePort,
                            "SALLYPORT_ADMIN_PORT", "" + adminPort,
                            "SALLYPORT_HEALTH_PORT", "" + healthPort));
            Path log = work.resolve("gateway.log");
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(log.toFile());
            plain.close();
            secure.close();
            health.close();
            admin.close();
            Gateway gateway = new Gateway(builder.start(), log, plainPort, securePort, healthPort, adminPort);
            gateway.awaitReady();
            return gateway;
        }
    }

    /// GATEWAY_COMMAND, in words, is for another build of the gateway, such as the native one.
    private static List<String> command(Path jar) {
        String other = System.getenv("GATEWAY_COMMAND");
        return other == null
                ? List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", jar.toString(), "serve")
                : List.of((other + " serve").split(" ", -1));
    }

    /// The processor time that the process has taken so far.
    Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElseThrow();
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
        process.destroyForcibly();
        throw new IOException("the gateway does not start:\n" + lastLogLines());
    }

    private HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + healthPort + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    /// The metrics page.
    String metrics() throws IOException, InterruptedException {
        return ask("/metrics").body();
    }

    /// Reads the metrics page as Prometheus does, compressed, and discards it: next to nothing is left for the collector
    /// of the process that measures.
    void scrape() throws IOException {
        discard(healthPort, "/metrics");
    }

    /// Asks the admin port for what its page asks for while it shows routes.
    void look() throws IOException {
        discard(adminPort, "/status");
        discard(adminPort, "/routes?q=&offset=0&limit=200");
    }

    private static void discard(int port, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
                                    + "Connection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        }
    }

    /// @param sample with its labels, as the metrics page has them
    long metric(String sample) throws IOException, InterruptedException {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(sample + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(sample.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IOException("there is no metric " + sample));
    }

    int securePort() {
        return securePort;
    }

    Socket plainSocket() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), plainPort);
    }

    /// After its handshake, in which the certificate was verified.
    SSLSocket secureSocket(SSLContext context) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), securePort);
        try {
            plain.setSoTimeout((int) TimeUnit.SECONDS.toMillis(10));
            SSLSocket socket = (SSLSocket)
                    context.getSocketFactory().createSocket(plain, ServerCertificate.HOST, securePort, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(ServerCertificate.HOST)));
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    String lastLogLines() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }

    /// Asks it to end, and returns its exit code.
    int stop() throws InterruptedException {
        process.destroy();
        return process.waitFor(STOP_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        client.close();
    }
}
