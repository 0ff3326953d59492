package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.sallyport.telemetry.MetricFormat;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.FreePort;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestCollector;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.TestWorkloadApi;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// A gateway that has met each kind of traffic: HTTP, gRPC and bytes from outside, mutual TLS on both sides, mesh
/// clients in plain text and by mutual TLS, their tunnels and TLS, denials by both lists, failures, a mirror.
final class MeteredTraffic implements AutoCloseable {
    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: a-shop, namespace: web}
            spec:
              hosts: [shop.web.svc.cluster.local]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 80, name: http, protocol: HTTP}]
              endpoints: [{address: 127.0.0.1, labels: {app: shop, version: v3}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: edge}
            spec:
              servers:
              - port: {number: 80, name: http, protocol: HTTP}
                hosts: ["*"]
              - port: {number: 443, name: https, protocol: HTTPS}
                hosts: ["a.example"]
                tls: {mode: SIMPLE, credentialName: edge}
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: bytes, namespace: edge}
            spec:
              servers:
              - port: {number: 9000, name: tcp, protocol: TCP}
                hosts: ["*"]
              - port: {number: 9001, name: tcp-nobody, protocol: TCP}
                hosts: ["*"]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: with-svid, namespace: edge}
            spec:
              hosts: ["svid.example"]
              gateways: [edge]
              http:
              - headers: {request: {set: {Authorization: "Bearer %%SALLYPORT_JWT_SVID(https://api.example)%%"}}}
                route: [{destination: {host: up.backends.svc.cluster.local}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: all, namespace: edge}
            spec:
              hosts: ["a.example"]
              gateways: [edge]
              http:
              - match: [{uri: {prefix: /secure}}]
                route: [{destination: {host: secure.backends.svc.cluster.local}}]
              - match: [{uri: {prefix: /closed}}]
                route: [{destination: {host: closed.backends.svc.cluster.local}}]
              - match: [{uri: {prefix: /nobody}}]
                route: [{destination: {host: up.backends.svc.cluster.local, subset: nobody}}]
              - mirror: {host: up.backends.svc.cluster.local}
                route: [{destination: {host: up.backends.svc.cluster.local}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: grpc, namespace: edge}
            spec:
              hosts: ["grpc.example", "nobody.example"]
              gateways: [edge]
              http:
              - match: [{authority: {prefix: nobody}}]
                route: [{destination: {host: up.backends.svc.cluster.local, subset: nobody}}]
              - route: [{destination: {host: echo.backends.svc.cluster.local}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: bytes, namespace: edge}
            spec:
              hosts: ["*"]
              gateways: [bytes]
              tcp:
              - match: [{port: 9000}]
                route: [{destination: {host: up.backends.svc.cluster.local}}]
              - route: [{destination: {host: up.backends.svc.cluster.local, subset: nobody}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: up, namespace: backends}
            spec:
              host: up.backends.svc.cluster.local
              subsets: [{name: nobody, labels: {version: none}}]
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: nobody-there, namespace: edge}
            spec:
              targetRefs: [{group: networking.istio.io, kind: Gateway, name: edge}]
              action: DENY
              rules: [{to: [{operation: {paths: [/denied]}}]}]
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: ask, namespace: edge}
            spec:
              targetRefs: [{group: networking.istio.io, kind: Gateway, name: edge}]
              action: CUSTOM
              provider: {name: gate}
              rules: [{to: [{operation: {paths: [/asked]}}]}]
            ---
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: tokens, namespace: edge}
            spec:
              targetRefs: [{group: networking.istio.io, kind: Gateway, name: edge}]
              jwtRules:
              - issuer: https://issuer.example
                jwksUri: http://keys.backends.svc.cluster.local/jwks
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: |
                extensionProviders:
                - name: gate
                  envoyExtAuthzHttp: {service: up.backends.svc.cluster.local, port: 80, timeout: 5s}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: partner, namespace: partners}
            spec:
              hosts: [api.partner.example]
              location: MESH_EXTERNAL
              resolution: STATIC
              ports: [{number: 443, name: tls, protocol: TLS}]
              endpoints: [{address: 127.0.0.1, ports: {tls: %d}}]
            ---
            """;

    private static final String BACKEND = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: %1$s, namespace: backends}
            spec:
              hosts: [%1$s.backends.svc.cluster.local]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 80, name: main, protocol: %2$s}]
              endpoints: [{address: 127.0.0.1, ports: {main: %3$d}, labels: {app: %1$s, version: v1%4$s}%5$s}]
            ---
            """;

    private static final String GATEWAY = "spiffe://cluster.local/ns/edge/sa/gateway";

    private final TestCertificates authority = TestCertificates.authority("mesh root");
    private final RawUpstream up = RawUpstream.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    private final RawUpstream keys = RawUpstream.ok(TestTokens.jwks(TestTokens.jwk("ES256", "k")));
    private final GrpcEcho echo = GrpcEcho.start();
    private final TlsUpstream secure = TlsUpstream.start("secure", workload("backends", "secure"), authority);
    private final TlsUpstream partner = TlsUpstream.start(
            "partner", authority.leaf("partner").dns("api.partner.example").issue());
    private final TestWorkloadApi agent;
    private final int plainPort;
    private final int tlsPort;
    private final int bytesPort;
    private final int nobodyPort;
    private final int meshPort;
    private final TestCollector collector = TestCollector.grpc();
    private final MeteredGateway gateway;

    /// @param directory empty, for its files
    MeteredTraffic(Path directory) throws IOException {
        plainPort = FreePort.number();
        tlsPort = FreePort.number();
        bytesPort = FreePort.number();
        meshPort = FreePort.number();
        nobodyPort = FreePort.number();
        Path config = Files.createDirectories(directory.resolve("config"));
        Files.writeString(
                config.resolve("all.yaml"),
                CONFIGURATION.formatted(partner.port())
                        + BACKEND.formatted("up", "HTTP", up.port(), "", "")
                        + BACKEND.formatted("echo", "GRPC", echo.port(), "", "")
                        + BACKEND.formatted("keys", "HTTP", keys.port(), "", "")
                        + BACKEND.formatted("closed", "HTTP", ClosedPort.number(), "", "")
                        + BACKEND.formatted(
                                "secure",
                                "HTTP",
                                secure.port(),
                                ", security.istio.io/tlsMode: istio",
                                ", serviceAccount: secure"));
        Path secrets = Files.createDirectories(directory.resolve("secrets"));
        authority.leaf("edge").dns("a.example").issue().writeSecret(secrets.resolve("edge"));
        agent = TestWorkloadApi.start(directory.resolve("agent.sock"));
        agent.serve(TestWorkloadApi.svid(GATEWAY, workload("edge", "gateway"), ""));
        agent.issue(GATEWAY, audience -> TestTokens.svid(GATEWAY, audience));
        gateway = MeteredGateway.start(
                Map.ofEntries(
                        Map.entry("sallyport.config.dir", config.toString()),
                        Map.entry("sallyport.secrets.dir", secrets.toString()),
                        Map.entry("sallyport.identity.endpoint-socket", "unix://" + directory.resolve("agent.sock")),
                        Map.entry("sallyport.namespace", "edge"),
                        Map.entry("sallyport.port-map.80", Integer.toString(plainPort)),
                        Map.entry("sallyport.port-map.443", Integer.toString(tlsPort)),
                        Map.entry("sallyport.port-map.9000", Integer.toString(bytesPort)),
                        Map.entry("sallyport.port-map.9001", Integer.toString(nobodyPort)),
                        Map.entry("sallyport.mesh.enabled", "true"),
                        Map.entry("sallyport.mesh.port", Integer.toString(meshPort)),
                        Map.entry("sallyport.mesh.tls.mode", "istio-mutual"),
                        Map.entry("sallyport.admin.port", "0"),
                        Map.entry("sallyport.metrics.otlp.endpoint", collector.metricsEndpoint()),
                        Map.entry("sallyport.metrics.otlp.interval", "1s"),
                        Map.entry("sallyport.access-log.enabled", "true")),
                directory.resolve("log"));
    }

    private Issued workload(String namespace, String account) {
        return authority
                .leaf(account)
                .uri("spiffe://cluster.local/ns/" + namespace + "/sa/" + account)
                .issue();
    }

    private static String get(String target, String host) {
        return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    }

    /// One of each, and returns when all have been counted.
    void run() throws IOException {
        fromOutside();
        fromTheMesh();
        // Figures follow the responses.
        await().atMost(30, TimeUnit.SECONDS).untilAsserted(() -> assertThat(scrape(MetricFormat.TEXT))
                .anyMatch(line -> line.startsWith("istio_tcp_connections_closed_total{")
                        && line.contains("destination_service=\"up.")
                        && line.endsWith(" 1.0"))
                .anyMatch(line -> line.startsWith("istio_tcp_connections_closed_total{")
                        && line.contains("destination_service=\"api.partner.example\"")
                        && line.endsWith(" 1.0"))
                .anyMatch(line -> line.startsWith("sallyport_egress_denied_total{"))
                .anyMatch(line -> line.startsWith("sallyport_mirrored_requests_total{"))
                .anyMatch(line -> line.startsWith("sallyport_jwks_age_seconds{"))
                .anyMatch(line -> line.startsWith("sallyport_external_authorizations_total{"))
                .anyMatch(line -> line.startsWith("sallyport_downstream_tls_failures_total{")));
    }

    /// What a collector gets from now on, once.
    ExportMetricsServiceRequest export() {
        int before = collector.metrics().size();
        // One may be under way.
        await().atMost(30, TimeUnit.SECONDS).until(() -> collector.metrics().size() >= before + 2);
        return collector.metrics().getLast();
    }

    private void fromOutside() throws IOException {
        for (String path : List.of("/", "/secure", "/closed", "/nobody", "/denied", "/asked")) {
            RawClient.exchange(plainPort, get(path, "a.example"));
        }
        RawClient.exchange(plainPort, get("/", "unknown.example"));
        RawClient.exchange(tlsPort, "this is no ClientHello\r\n");
        RawClient.exchange(nobodyPort, "");
        try (RawClient bytes = new RawClient(bytesPort)) {
            bytes.send(get("/", "a.example"));
            bytes.readResponse();
        }
        assertThat(call("grpc.example")).isEqualTo("hello");
        assertThatThrownBy(() -> call("unknown.example")).isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> call("nobody.example")).isInstanceOf(StatusRuntimeException.class);
    }

    private String call(String authority) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", plainPort)
                .overrideAuthority(authority)
                .usePlaintext()
                .build();
        try {
            return ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, "hello");
        } finally {
            channel.shutdownNow();
        }
    }

    private void fromTheMesh() throws IOException {
        String request = get("http://up.backends.svc.cluster.local/", "up.backends.svc.cluster.local");
        assertThat(RawClient.exchange(meshPort, request)).endsWith("ok");
        try (SSLSocket socket = connect(workload("web", "shop"), null)) {
            assertThat(new RawClient(socket).send(request).readResponse()).endsWith("ok");
        }
        RawClient.exchange(meshPort, get("http://denied.example/", "denied.example"));
        RawClient.exchange(
                meshPort, "CONNECT api.partner.example:443 HTTP/1.1\r\nHost: api.partner.example:443\r\n\r\nx");
        try (SSLSocket socket = connect(null, "api.partner.example")) {
            socket.getOutputStream().write(get("/", "api.partner.example").getBytes(StandardCharsets.US_ASCII));
            assertThat(new RawClient(socket).readResponse()).contains("200");
        }
    }

    private SSLSocket connect(Issued identity, String sni) throws IOException {
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), meshPort);
        SSLSocket socket = (SSLSocket)
                TlsClients.of(identity, authority).getSocketFactory().createSocket(raw, "", 0, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(sni == null ? List.of() : List.of(new SNIHostName(sni)));
        socket.setSSLParameters(parameters);
        return socket;
    }

    /// The lines of a scrape.
    List<String> scrape(MetricFormat format) throws IOException {
        return gateway.scrape(format);
    }

    @Override
    public void close() {
        gateway.close();
        agent.close();
        partner.close();
        secure.close();
        echo.close();
        keys.close();
        up.close();
    }
}
