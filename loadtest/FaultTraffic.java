import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLContext;

/// Clients that ask for hosts of a [FaultyDirectory] without end, on kept and on new connections, plain, with TLS and over
/// HTTP/2. An answer that may not be given is a failure.
final class FaultTraffic implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(4);
    private static final Duration PAUSE_WITH_HANDSHAKE = Duration.ofMillis(12);
    private static final Duration END = Duration.ofSeconds(15);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Gateway gateway;
    private final FaultyDirectory directory;
    private final SSLContext tls;
    private final Tally tally;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    private interface Connector {
        Socket connect() throws IOException, GeneralSecurityException;
    }

    FaultTraffic(Gateway gateway, FaultyDirectory directory, ServerCertificate certificate, Tally tally)
            throws GeneralSecurityException {
        this.gateway = gateway;
        this.directory = directory;
        this.tally = tally;
        tls = Tls.trusting(List.of(certificate));
    }

    void start() {
        for (int i = 0; i < 3; i++) {
            client(() -> keep("kept", gateway::plainSocket, false, PAUSE));
            client(() -> renew("new", gateway::plainSocket, false, PAUSE));
        }
        client(() -> keep("kept with TLS", () -> gateway.secureSocket(tls), true, PAUSE));
        client(() -> renew("new with TLS", () -> gateway.secureSocket(tls), true, PAUSE_WITH_HANDSHAKE));
        client(this::http2);
        client(this::http2);
        client(this::denied);
    }

    private void client(Runnable work) {
        threads.add(Thread.ofPlatform().daemon().start(work));
    }

    /// Of all hosts, or the one that is served over TLS.
    private FaultyDirectory.Host host(boolean secure) {
        List<FaultyDirectory.Host> hosts = directory.hosts();
        return secure ? hosts.getLast() : hosts.get(ThreadLocalRandom.current().nextInt(hosts.size()));
    }

    private void keep(String kind, Connector connector, boolean secure, Duration pause) {
        while (!stopped) {
            try (HttpClientConnection connection = new HttpClientConnection(connector.connect())) {
                boolean last = false;
                while (!stopped && !last) {
                    last = request(kind, connection, host(secure));
                    sleep(pause);
                }
            } catch (IOException | GeneralSecurityException e) {
                tally.failed(kind, e.toString());
            }
        }
    }

    private void renew(String kind, Connector connector, boolean secure, Duration pause) {
        while (!stopped) {
            try (HttpClientConnection connection = new HttpClientConnection(connector.connect())) {
                request(kind, connection, host(secure));
            } catch (IOException | GeneralSecurityException e) {
                tally.failed(kind, e.toString());
            }
            sleep(pause);
        }
    }

    /// Returns whether the connection has had its last answer.
    private boolean request(String kind, HttpClientConnection connection, FaultyDirectory.Host host)
            throws IOException {
        tally.did(kind);
        int least = host.least();
        HttpClientConnection.Response response = connection.get(host.name(), "/");
        check(kind, host, least, response.status(), response.header("x-version"), response.header("x-upstream"));
        return response.isLast();
    }

    private void check(
            String kind, FaultyDirectory.Host host, int least, int status, String version, String upstream) {
        int most = host.most();
        String answer = host.name() + ", versions " + least + " to " + most + ": " + status + ", version " + version
                + " from " + upstream;
        if (status != 200) {
            tally.failed(kind, answer);
            return;
        }
        int answered = Integer.parseInt(version);
        if (answered < least || answered > most) {
            tally.failed("generations", answer);
        } else if (!FaultyDirectory.side(answered).equals(upstream)) {
            tally.failed("mixtures", answer);
        }
    }

    /// One client, which keeps its connection, with four requests at once.
    private void http2() {
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_2)
                .build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(
                            "https://" + ServerCertificate.HOST + ":" + gateway.securePort() + "/"))
                    .timeout(PATIENCE)
                    .build();
            while (!stopped) {
                List<Thread> streams = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    streams.add(Thread.ofVirtual().start(() -> http2(client, request)));
                }
                for (Thread stream : streams) {
                    stream.join();
                }
                sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void http2(HttpClient client, HttpRequest request) {
        tally.did("HTTP/2");
        FaultyDirectory.Host host = host(true);
        int least = host.least();
        try {
            HttpResponse<Void> response = client.send(request, HttpResponse.BodyHandlers.discarding());
            if (response.version() != HttpClient.Version.HTTP_2) {
                tally.failed("HTTP/2", "answered over " + response.version());
            }
            check(
                    "HTTP/2",
                    host,
                    least,
                    response.statusCode(),
                    response.headers().firstValue("x-version").orElse(""),
                    response.headers().firstValue("x-upstream").orElse(""));
        } catch (IOException e) {
            tally.failed("HTTP/2", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What a policy denies, which is edited and has faults as well.
    private void denied() {
        while (!stopped) {
            try (HttpClientConnection connection = new HttpClientConnection(gateway.plainSocket())) {
                boolean last = false;
                while (!stopped && !last) {
                    tally.did("denied");
                    HttpClientConnection.Response response = connection.get(FaultyDirectory.DENIED, "/");
                    if (response.status() != 403) {
                        tally.failed("denied", response.toString());
                    }
                    last = response.isLast();
                    sleep(PAUSE);
                }
            } catch (IOException e) {
                tally.failed("denied", e.toString());
            }
        }
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
