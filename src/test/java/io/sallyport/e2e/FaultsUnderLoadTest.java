package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.reload.Reloader;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Random edits, a fifth of them with faults, while clients ask on kept and on new connections, over TLS and
/// HTTP/2: no request fails, and none meets what was not meant to be served, or two generations at once.
/// `loadtest/faults.sh` is the same at length, against the program.
@Timeout(120)
class FaultsUnderLoadTest {
    private static final int EDITS = 120;
    private static final int HOSTS = 6;
    private static final int FILES = 3;
    private static final int REQUESTS_OF_A_CONNECTION = 100;
    /// The last host, which is also served over TLS.
    private static final int SECURE = HOSTS - 1;

    /// Faults of a resource: the first becomes the second.
    private static final List<Map.Entry<String, String>> FAULTS = List.of(
            Map.entry("spec:", "spek: {}\nspec:"),
            Map.entry("spec:", "spec: 7\nspek:"),
            Map.entry("gateways: [edge]", "gateways: [missing]"),
            Map.entry("timeout: 15s", "timeout: soon"),
            Map.entry("even.internal", "nowhere.internal"),
            Map.entry("http:", "http: 7\n  htp:"));

    private static final Pattern VERSION = Pattern.compile("(?i)x-version: (\\d+)");

    private final TestCertificates authority = TestCertificates.authority("load");
    private final SSLContext tls = TlsClients.of(null, authority);
    private final RawUpstream even = upstream("even");
    private final RawUpstream odd = upstream("odd");
    private final List<Host> hosts = new ArrayList<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private TestGateway gateway;
    private volatile boolean stopped;

    /// A host whose VirtualService has a version, which its answers carry.
    private static final class Host {
        private final int number;
        private int version;
        private String text;
        /// The last version without a fault, and the newest that may be answered.
        private final AtomicInteger applied = new AtomicInteger();
        private final AtomicInteger written = new AtomicInteger();

        Host(int number) {
            this.number = number;
            renew();
            applied.set(version);
        }

        String name() {
            return "h" + number + ".example";
        }

        /// Every version goes where its number says.
        void renew() {
            version++;
            text = Yaml.virtualService(name(), """
                    - route: [{destination: {host: %s.internal, port: {number: 80}}}]
                      timeout: 15s
                      headers: {response: {set: {x-version: "%d"}}}""".formatted(side(version), version));
            written.set(version);
        }

        /// To a version that is not to be served.
        void spoil() {
            int before = written.get();
            renew();
            written.set(before);
        }

        void spoil(Map.Entry<String, String> fault) {
            spoil();
            text = text.replace("odd.internal", "even.internal").replace(fault.getKey(), fault.getValue());
        }
    }

    private static String side(int version) {
        return version % 2 == 0 ? "even" : "odd";
    }

    private static RawUpstream upstream(String side) {
        return RawUpstream.answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-side: " + side + "\r\n\r\n");
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        even.close();
        odd.close();
    }

    @Test
    void whatHasNoFaultIsAnsweredAndNothingElse() throws Exception {
        Issued certificate =
                authority.leaf("edge").dns("h" + SECURE + ".example").issue();
        for (int i = 0; i < HOSTS; i++) {
            hosts.add(new Host(i));
        }
        gateway = TestGateway.builder()
                .onError(OnError.ISOLATE)
                .secret("edge", certificate)
                .start(gateway()
                        + Yaml.service("even.internal", even.port())
                        + Yaml.service("odd.internal", odd.port()));
        gateway.assumeSeen("reloads that the test waits for");
        for (int file = 0; file < FILES; file++) {
            write(file, "");
        }
        put("policy.yaml", policy(0));
        assertThat(gateway.reload().applied()).isTrue();
        List<Thread> clients = List.of(
                client(this::plain, 0, false),
                client(this::plain, 1, true),
                client(this::plain, 2, false),
                client(this::secure, SECURE, false),
                client(this::secure, SECURE, true),
                client2(this::plain, "http", 3),
                client2(() -> secure("h2"), "https", SECURE),
                denied());

        edit(new Random(15));

        stopped = true;
        for (Thread client : clients) {
            client.join();
        }
        assertThat(failures).isEmpty();
        assertThat(requests.get()).isGreaterThan(EDITS);
    }

    private static String gateway() {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["*.example"]
                    tls: {mode: SIMPLE, credentialName: edge}
                ---
                """
                + Yaml.virtualService("*.example", "- {name: any, directResponse: {status: 500}}")
                + Yaml.virtualService("denied.example", "- {name: denied, directResponse: {status: 200}}");
    }

    private void write(int file, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        hosts.stream().filter(host -> host.number % FILES == file).forEach(host -> text.append(host.text));
        put("f" + file + ".yaml", text + end);
    }

    private void put(String name, String text) throws IOException {
        Path next = Files.writeString(gateway.config().resolveSibling("next"), text);
        Files.move(next, gateway.config().resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private void edit(Random random) throws IOException {
        for (int i = 1; i <= EDITS; i++) {
            int file = random.nextInt(FILES);
            boolean broken = random.nextInt(20) == 0;
            for (Host host : hosts) {
                if (host.number % FILES == file) {
                    if (broken) {
                        host.spoil();
                    } else if (random.nextInt(100) < 15) {
                        host.spoil(FAULTS.get(random.nextInt(FAULTS.size())));
                    } else {
                        host.renew();
                    }
                }
            }
            if (random.nextInt(5) == 0) {
                String text = policy(i);
                put("policy.yaml", random.nextInt(5) == 0 ? text.replace("spec:", "spek: {}\nspec:") : text);
            }
            write(file, broken ? "kind: [broken\n" : "");

            Reloader.Outcome outcome = gateway.reload();

            assertThat(outcome.refused())
                    .as("edit %d: %s", i, outcome.problems())
                    .isFalse();
            hosts.forEach(host -> host.applied.set(host.written.get()));
        }
    }

    /// Each denies that host.
    private static String policy(int number) {
        return Yaml.security(
                "AuthorizationPolicy",
                "default",
                "who",
                "action: DENY\nrules: [{to: [{operation: {hosts: [denied.example, x%d.example]}}]}]".formatted(number));
    }

    private interface Connector {
        Socket connect() throws IOException;
    }

    private Socket plain() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), gateway.port(80));
    }

    private Socket secure(String... alpn) throws IOException {
        SSLSocket socket =
                (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), gateway.port(443));
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("h" + SECURE + ".example")));
        parameters.setApplicationProtocols(alpn);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /// Requests without end, on a connection for many or each on its own.
    private Thread client(Connector connector, int number, boolean kept) {
        Host host = hosts.get(number);
        String request = "GET / HTTP/1.1\r\nHost: " + host.name() + "\r\n\r\n";
        return start(() -> {
            try (RawClient client = new RawClient(connector.connect())) {
                for (int i = 0; !stopped && i < (kept ? REQUESTS_OF_A_CONNECTION : 1); i++) {
                    int least = host.applied.get();
                    check(host, client.send(request).readHead(), least);
                }
            }
        });
    }

    private Thread client2(Connector connector, String scheme, int number) {
        Host host = hosts.get(number);
        return start(() -> {
            try (RawHttp2Client client = new RawHttp2Client(connector.connect())) {
                for (int i = 0; !stopped && i < REQUESTS_OF_A_CONNECTION; i++) {
                    int least = host.applied.get();
                    var head = client.get(scheme, host.name(), "/");
                    check(
                            host,
                            "HTTP/2 " + head.status() + " x-version: " + head.get("x-version") + " x-side: "
                                    + head.get("x-side"),
                            least);
                }
            }
        });
    }

    private Thread denied() {
        return start(() -> {
            try (RawClient client = new RawClient(plain())) {
                for (int i = 0; !stopped && i < REQUESTS_OF_A_CONNECTION; i++) {
                    String head = client.send("GET / HTTP/1.1\r\nHost: denied.example\r\n\r\n")
                            .readResponse();
                    requests.incrementAndGet();
                    if (!head.startsWith("HTTP/1.1 403")) {
                        failures.add("denied.example: " + head);
                    }
                }
            }
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private Thread start(Work work) {
        return Thread.ofPlatform().daemon().start(() -> {
            while (!stopped && failures.size() < 10) {
                try {
                    work.run();
                } catch (IOException | RuntimeException lost) {
                    failures.add(lost.toString());
                }
            }
        });
    }

    /// @param least the version that was in force before the request
    private void check(Host host, String head, int least) {
        int most = host.written.get();
        requests.incrementAndGet();
        Matcher named = VERSION.matcher(head);
        int version = named.find() ? Integer.parseInt(named.group(1)) : -1;
        boolean meant = head.contains(" 200 ") && version >= least && version <= most;
        if (!meant || !head.contains("x-side: " + side(version))) {
            failures.add(host.name() + ", versions " + least + " to " + most + ": " + head);
        }
    }
}
