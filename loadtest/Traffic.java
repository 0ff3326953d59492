import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/// Clients that ask without end: on kept and on new connections, plain and with TLS, with and without a body, some for
/// an answer that takes its time.
final class Traffic implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(4);
    private static final Duration PAUSE_WITH_HANDSHAKE = Duration.ofMillis(12);
    private static final Duration END = Duration.ofSeconds(15);

    private final Gateway gateway;
    private final List<ServerCertificate> certificates;
    private final Tally tally;
    private final SSLContext shared;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    private interface Connector {
        Socket connect() throws IOException, GeneralSecurityException;
    }

    Traffic(Gateway gateway, List<ServerCertificate> certificates, Tally tally) throws GeneralSecurityException {
        this.gateway = gateway;
        this.certificates = certificates;
        this.tally = tally;
        shared = Tls.trusting(certificates);
    }

    void start() {
        for (String host : List.of("steady.example", "moving.example")) {
            client(() -> keep(gateway::plainSocket, host, "/", PAUSE));
            client(() -> keep(gateway::plainSocket, host, "/slow", Duration.ZERO));
            client(() -> renew(gateway::plainSocket, host, PAUSE));
        }
        Connector resuming = () -> handshake(shared);
        Connector fresh = () -> handshake(Tls.trusting(certificates));
        client(() -> keep(fresh, ServerCertificate.HOST, "/", PAUSE));
        client(() -> keep(fresh, ServerCertificate.HOST, "/slow", Duration.ZERO));
        client(() -> renew(resuming, ServerCertificate.HOST, PAUSE_WITH_HANDSHAKE));
        client(() -> renew(fresh, ServerCertificate.HOST, PAUSE_WITH_HANDSHAKE));
        client(() -> renew(fresh, ServerCertificate.HOST, PAUSE_WITH_HANDSHAKE));
    }

    private void client(Runnable work) {
        threads.add(Thread.ofPlatform().daemon().start(work));
    }

    private Socket handshake(SSLContext context) throws IOException {
        tally.did("handshakes");
        try {
            return gateway.secureSocket(context);
        } catch (IOException e) {
            tally.failed("handshakes", e.toString());
            throw e;
        }
    }

    private void keep(Connector connector, String host, String path, Duration pause) {
        while (!stopped) {
            try (HttpClientConnection connection = new HttpClientConnection(connector.connect())) {
                boolean last = false;
                for (int i = 0; !stopped && !last; i++) {
                    last = request("kept", connection, host, path, i);
                    sleep(pause);
                }
                if (last) {
                    tally.did("closed with notice");
                }
            } catch (IOException | GeneralSecurityException e) {
                tally.failed("kept", host + path + ": " + e);
            }
        }
    }

    private void renew(Connector connector, String host, Duration pause) {
        for (int i = 0; !stopped; i++) {
            try (HttpClientConnection connection = new HttpClientConnection(connector.connect())) {
                request("new", connection, host, "/", i);
            } catch (IOException | GeneralSecurityException e) {
                tally.failed("new", host + ": " + e);
            }
            sleep(pause);
        }
    }

    /// Returns whether the connection has had its last answer.
    private boolean request(String kind, HttpClientConnection connection, String host, String path, int number)
            throws IOException {
        tally.did(kind);
        HttpClientConnection.Response response =
                number % 2 == 0 ? connection.get(host, path) : connection.post(host, path, "a body");
        if (response.status() != 200) {
            tally.failed(kind, host + path + ": " + response);
        }
        return response.isLast();
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Returns when every client has had its last answer.
    @Override
    public void close() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join(END);
        }
    }
}
