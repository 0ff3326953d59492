package bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;

/// The service behind the peers: an nginx on the load's core.
final class Origin implements AutoCloseable {
    private static final int KIB = 1024;
    private static final int START_MILLIS = 10_000;

    private final Process process;
    private final Site site;

    private Origin(Process process, Site site) {
        this.process = process;
        this.site = site;
    }

    /// @param collector port of a collector of traces
    static Origin start(Path work, int collector) throws IOException, InterruptedException, GeneralSecurityException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path chain = work.resolve("tls.crt");
        Path key = work.resolve("tls.key");
        Tool.output(Tool.start(List.of(
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=bench.example", "-addext", "subjectAltName=DNS:bench.example", "-days", "30",
                "-keyout", key.toString(), "-out", chain.toString())));
        Path files = Files.createDirectories(work.resolve("files"));
        Files.write(files.resolve("16k"), new byte[16 * KIB]);
        Files.write(files.resolve("1m"), new byte[KIB * KIB]);
        Site site = new Site(work, port, chain, key, Token.issue(), collector);
        // Run as root, its worker is another user.
        ownedByAll(work);
        Path conf = site.write("origin.conf", "origin/origin.conf", Map.of());
        Process process = Tool.start(List.of("nginx", "-p", work.resolve("origin").toString(), "-c", conf.toString()));
        Origin origin = new Origin(process, site);
        origin.awaitOpen();
        return origin;
    }

    private static void ownedByAll(Path work) {
        work.toFile().setReadable(true, false);
        work.toFile().setExecutable(true, false);
    }

    private void awaitOpen() throws IOException, InterruptedException {
        for (int waited = 0; ; waited += 10) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", site.origin()));
                return;
            } catch (IOException notYet) {
                if (waited > START_MILLIS || !process.isAlive()) {
                    throw new IOException("the origin does not start: " + Tool.output(process), notYet);
                }
                Thread.sleep(10);
            }
        }
    }

    Site site() {
        return site;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
