package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The built program without file descriptors: what fails then works again afterwards, whatever was used for the first
/// time meanwhile.
@Timeout(240)
class DescriptorsIT extends BuiltProgramFixture {
    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 80, name: http, protocol: HTTP}
                hosts: ["*"]
              - port: {number: 443, name: https, protocol: HTTPS}
                hosts: ["*"]
                tls: {mode: SIMPLE, credentialName: a}
              - port: {number: 9000, name: tcp, protocol: TCP}
                hosts: ["*"]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: all}
            spec:
              hosts: ["*"]
              gateways: [edge]
              http:
              - name: hello
                match: [{uri: {exact: /hello}}]
                directResponse: {status: 200, body: {string: hello}}
              - name: mirrored
                match: [{uri: {prefix: /mirrored}}]
                route: [{destination: {host: service.test}}]
                mirror: {host: mirror.test}
              - name: retried
                match: [{uri: {prefix: /retried}}]
                retries: {attempts: 2, retryOn: "connect-failure,5xx"}
                route: [{destination: {host: service.test}}]
              - name: delayed
                match: [{uri: {prefix: /delayed}}]
                fault: {delay: {fixedDelay: 1ms, percentage: {value: 100}}}
                corsPolicy: {allowOrigins: [{regex: "https?://a.*"}]}
                route: [{destination: {host: service.test}}]
              - name: aborted
                match: [{uri: {prefix: /aborted}}]
                fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
                route: [{destination: {host: service.test}}]
              - name: redirected
                match: [{uri: {prefix: /redirected}}]
                redirect: {uri: /hello}
              - name: rewritten
                match: [{uri: {regex: "/rewritten/.*"}}]
                rewrite: {uri: /}
                headers: {request: {set: {x-a: b}}, response: {remove: [x-c]}}
                route: [{destination: {host: service.test}}]
              - name: forwarded
                route: [{destination: {host: service.test}}]
              tcp:
              - match: [{port: 9000}]
                route: [{destination: {host: bytes.test}}]
            %s%s%s
            """;

    private static final List<String> PATHS = List.of(
            "/mirrored", "/retried", "/delayed", "/aborted", "/redirected", "/rewritten/a", "/forwarded", "/hello");

    private final RawUpstream service = RawUpstream.ok("ok");
    private final RawUpstream mirror = RawUpstream.ok("copy");
    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued server = authority.leaf("a").dns("a.example").issue();
    private final int https = BuiltProgram.freePort();
    private final int tcp = BuiltProgram.freePort();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void configure() throws IOException {
        server.writeSecret(directory.resolve("secrets").resolve("a"));
        Files.writeString(
                config.resolve("all.yaml"),
                CONFIGURATION.formatted(
                        entry("service.test", "HTTP", service.port()),
                        entry("mirror.test", "HTTP", mirror.port()),
                        entry("bytes.test", "TCP", service.port())));
        environment.put("SALLYPORT_SECRETS_DIR", directory.resolve("secrets").toString());
        environment.put("SALLYPORT_PORT_MAP_443", Integer.toString(https));
        environment.put("SALLYPORT_PORT_MAP_9000", Integer.toString(tcp));
        environment.put("SALLYPORT_EVENT_LOOPS", "1");
    }

    private static String entry(String host, String protocol, int port) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: "%s"}
                spec:
                  hosts: ["%s"]
                  resolution: STATIC
                  ports: [{number: 80, name: p, protocol: %s}]
                  endpoints: [{address: 127.0.0.1, ports: {p: %d}}]
                """.formatted(host, host, protocol, port);
    }

    @AfterEach
    void end() throws Exception {
        closeOpened();
        service.close();
        mirror.close();
    }

    private void closeOpened() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        opened.clear();
    }

    @Test
    void whatIsFirstUsedWithoutDescriptorsWorksOnceThereAreSome() throws Exception {
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            program.awaitStart();
            try (var client = new RawClient(port)) {
                assertThat(client.send(get("/hello")).readResponse()).endsWith("hello");
                limit(program, "8");
                for (int i = 0; i < 50; i++) {
                    for (String path : PATHS) {
                        client.send(get(path)).readResponse();
                    }
                }
                try (var waiting = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    // Of the listener, which cannot accept it.
                    waiting.getOutputStream().write(get("/hello").getBytes(StandardCharsets.US_ASCII));
                    assertThat(client.send(get("/hello")).readResponse()).endsWith("hello");
                }
                limit(program, "4096");
            }

            everythingWorks(program);
            assertThat(program.err).as("lines of the log").hasSizeLessThan(150);
            program.terminate();
            assertThat(program.exitCode()).isZero();
        }
    }

    @Test
    void aListenerThatIsAddedWithoutDescriptorsIsBoundOnceThereAreSome() throws Exception {
        int added = BuiltProgram.freePort();
        environment.put("SALLYPORT_PORT_MAP_81", Integer.toString(added));
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            program.awaitStart();
            try (var client = new RawClient(port)) {
                assertThat(client.send(get("/hello")).readResponse()).endsWith("hello");
                limit(program, "8");
                Files.writeString(config.resolve("added.yaml"), """
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: added}
                        spec:
                          servers: [{port: {number: 81, name: http, protocol: HTTP}, hosts: ["*"]}]
                        """);
                program.awaitLine(program.err, "Too many open files");
                assertThat(client.send(get("/hello")).readResponse()).endsWith("hello");
                limit(program, "4096");
            }

            await().atMost(90, TimeUnit.SECONDS).ignoreExceptions().until(() -> RawClient.exchange(added, closing("/"))
                    .startsWith("HTTP/1.1 404 "));
        }
    }

    /// Whatever they load for the first time: it would fail, and the class with it for as long as the process lives.
    @Test
    void theFirstAnswersOfTheHealthPortNeedNoDescriptor() throws Exception {
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            program.awaitStart();
            List<String> paths = List.of("/healthz/live", "/healthz/ready", "/metrics");
            int before = descriptors(program);
            List<RawClient> clients = new ArrayList<>();
            for (String _ : paths) {
                var client = new RawClient(program.healthPort);
                opened.add(client);
                clients.add(client);
            }
            await().until(() -> descriptors(program) >= before + paths.size());
            limit(program, "8");

            for (int i = 0; i < paths.size(); i++) {
                assertThat(clients.get(i).send(closing(paths.get(i))).readToEnd())
                        .as(paths.get(i))
                        .startsWith("HTTP/1.1 200 ");
            }
        }
    }

    private static int descriptors(BuiltProgram program) throws IOException {
        try (var open = Files.list(Path.of("/proc", Long.toString(program.pid()), "fd"))) {
            return (int) open.count();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 1_000})
    void clientsDoNotTakeWhatEndpointsAndTheHealthPortNeed(int most) throws Exception {
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            program.awaitStart();
            limit(program, Integer.toString(most));
            for (int i = 0; i < most * 3 / 2; i++) {
                opened.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }

            await().until(() -> program.health("/metrics").contains("sallyport_downstream_connections_shed_total{"));
            assertThat(program.health("/healthz/ready")).startsWith("HTTP/1.1 200 ");
            assertThat(program.health("/healthz/live")).startsWith("HTTP/1.1 200 ");
            closeOpened();
            await().until(() -> RawClient.exchange(port, closing("/forwarded")).endsWith("ok"));
            assertThat(program.err).as("lines of the log").hasSizeLessThan(150);
        }
    }

    @Test
    void idleClientsOfTheHealthAndAdminPortsTakeNoMoreThanTheyMay() throws Exception {
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            program.awaitStart();
            limit(program, "400");
            for (int port : List.of(program.healthPort, program.adminPort)) {
                for (int i = 0; i < 500; i++) {
                    opened.add(new Socket(InetAddress.getLoopbackAddress(), port));
                }
            }

            assertThat(program.health("/healthz/live")).startsWith("HTTP/1.1 200 ");
            assertThat(program.health("/healthz/ready")).startsWith("HTTP/1.1 200 ");
            assertThat(program.health("/metrics")).contains("sallyport_config_generation 1.0");
            assertThat(program.admin("/listeners")).startsWith("HTTP/1.1 200 ");
            assertThat(RawClient.exchange(port, closing("/forwarded"))).endsWith("ok");
        }
    }

    @Test
    void aMirrorThatDoesNotAnswerTakesNoMoreThanItsShare() throws Exception {
        try (RawUpstream silent = RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {}
        })) {
            Path all = config.resolve("all.yaml");
            Files.writeString(
                    all, Files.readString(all).replace("{p: " + mirror.port() + "}", "{p: " + silent.port() + "}"));
            try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
                program.awaitStart();
                limit(program, "400");
                try (var client = new RawClient(port)) {
                    for (int i = 0; i < 500; i++) {
                        assertThat(client.send(get("/mirrored")).readResponse()).endsWith("ok");
                    }
                }

                assertThat(silent.connections().size()).isBetween(10, 60);
                assertThat(program.health("/metrics").lines())
                        .anyMatch(
                                line -> line.contains("sallyport_mirrored_requests_total") && line.contains("dropped"));
                assertThat(program.health("/healthz/ready")).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCP", "WebSocket"})
    void tunnelsTakeNoMoreThanTheirShare(String kind) throws Exception {
        try (RawUpstream relay = RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                connection.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
                        + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            }
        })) {
            Path all = config.resolve("all.yaml");
            Files.writeString(
                    all, Files.readString(all).replace("{p: " + service.port() + "}", "{p: " + relay.port() + "}"));
            try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
                program.awaitStart();
                limit(program, "400");
                int refused = 0;
                for (int i = 0; i < 120; i++) {
                    var client = new RawClient(kind.equals("TCP") ? tcp : port);
                    opened.add(client);
                    client.send("GET /forwarded HTTP/1.1\r\nHost: any\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
                    refused += isTunnel(client) ? 0 : 1;
                }

                assertThat(refused).isBetween(30, 100);
                assertThat(RawClient.exchange(port, closing("/hello"))).endsWith("hello");
                closeOpened();
                await().until(() -> {
                    try (var client = new RawClient(tcp)) {
                        return isTunnel(client.send(get("/bytes")));
                    }
                });
            }
        }
    }

    /// Whether it becomes one at once: a request beyond its destination's share waits for a connection.
    private static boolean isTunnel(RawClient client) {
        try {
            client.socket().setSoTimeout(1_000);
            return client.readHead().startsWith("HTTP/1.1 101 ");
        } catch (IOException closed) {
            return false;
        }
    }

    private void everythingWorks(BuiltProgram program) throws Exception {
        await().atMost(20, TimeUnit.SECONDS).ignoreExceptions().until(() -> RawClient.exchange(port, closing("/hello"))
                .endsWith("hello"));
        for (int i = 0; i < 2; i++) {
            for (String path : PATHS) {
                String response = RawClient.exchange(port, closing(path));
                switch (path) {
                    case "/hello" -> assertThat(response).endsWith("hello");
                    case "/aborted" -> assertThat(response).startsWith("HTTP/1.1 418 ");
                    case "/redirected" -> assertThat(response).startsWith("HTTP/1.1 301 ");
                    default -> assertThat(response).as(path).endsWith("ok");
                }
            }
        }
        await().until(() -> program.health("/metrics")
                .lines()
                .anyMatch(line -> line.contains("sallyport_mirrored_requests_total") && line.contains("answered")));
        assertThat(mirror.connections()).isNotEmpty();
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), https);
        try (var client = new RawClient(
                TlsClients.of(null, authority).getSocketFactory().createSocket(plain, "a.example", https, true))) {
            assertThat(client.send(closing("/forwarded").replace("Host: any", "Host: a.example"))
                            .readToEnd())
                    .endsWith("ok");
        }
        try (var client = new RawClient(tcp)) {
            assertThat(client.send(get("/bytes")).readResponse()).endsWith("ok");
        }
        Files.writeString(config.resolve("more.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: more}
                spec:
                  hosts: [more.test]
                  resolution: STATIC
                  ports: [{number: 80, name: p, protocol: HTTP}]
                  endpoints: [{address: 127.0.0.1}]
                """);
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> program.admin("/config_dump").contains("\"generation\" : 2"));
        assertThat(program.admin("/explain?url=http://any/hello").toLowerCase(Locale.ROOT))
                .contains("direct_response");
    }

    /// Of the running process, which may raise it again up to its hard limit.
    private static void limit(BuiltProgram program, String most) throws Exception {
        Process prlimit = new ProcessBuilder("prlimit", "--pid", Long.toString(program.pid()), "--nofile=" + most + ":")
                .inheritIO()
                .start();
        assertThat(prlimit.waitFor()).isZero();
    }
}
