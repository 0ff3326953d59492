package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.egress.EgressMode;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A gateway with a short list and, on 127.0.0.1, what nobody may reach through it. What the list names is on
/// 127.0.0.2, and no range is allowed besides.
final class Fortress implements AutoCloseable {
    private static final Set<ResponseFlag> DIALLED = Set.of(ResponseFlag.UF, ResponseFlag.UC, ResponseFlag.URX);

    final TestDns dns = new TestDns();
    final RawUpstream inside = RawUpstream.ok("secret");
    final RawUpstream outside =
            RawUpstream.start("127.0.0.2", 0, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"));
    final TestGateway gateway;

    Fortress(EgressMode mode) {
        this(mode, "", builder -> builder);
    }

    Fortress(EgressMode mode, String more, UnaryOperator<GatewayBuilder> settings) {
        gateway = settings.apply(TestGateway.builder().mesh(mode).dns(dns).allowedCidrs())
                .start(listed("api.example.com", outside.port()) + more);
    }

    /// Ports 80 (HTTP), 443 (TLS) and 5432 (TCP) of a host.
    static String listed(String host, int endpointPort) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec:
                  hosts: ["%s"]
                  location: MESH_EXTERNAL
                  resolution: STATIC
                  ports:
                  - {number: 80, name: http, protocol: HTTP, targetPort: %3$d}
                  - {number: 443, name: tls, protocol: TLS, targetPort: %3$d}
                  - {number: 5432, name: tcp, protocol: TCP, targetPort: %3$d}
                  endpoints: [{address: 127.0.0.2}]
                ---
                """.formatted(host.replace('.', '-').replace("*", "any"), host, endpointPort);
    }

    int port() {
        return gateway.port(TestGateway.MESH_PORT);
    }

    /// The answer is a refusal, and not because a dial failed.
    void refuses(Way way, String authority) throws IOException {
        String answer = way.ask(gateway, authority);
        assertThat(answer)
                .as("%s %s", way, authority)
                .doesNotContain("secret", "hello")
                .matches("(?s)|HTTP/1.1 40[03] .*|1 HEADERS.*:status=40[03].*|1 RST_STREAM.*|\\x15.*");
    }

    /// What is on the list is still reached.
    void isServing() throws IOException {
        assertThat(Way.ABSOLUTE_FORM.ask(gateway, "api.example.com")).endsWith("hello");
        assertThat(Way.CONNECT.ask(gateway, "api.example.com:5432")).endsWith("hello");
        await().until(() -> gateway.facts().stream().anyMatch(facts -> facts.status == 200));
    }

    /// Nothing was connected to, but for what is on the list.
    void heldOut() {
        assertThat(inside.connectionCount()).isZero();
        assertThat(outside.connectionCount()).isZero();
        List<RequestFacts> dialled = gateway.facts().stream()
                .filter(facts ->
                        facts.endpoint.address() != null || (facts.flag != null && DIALLED.contains(facts.flag)))
                .toList();
        assertThat(dialled)
                .extracting(facts -> facts.authority + " " + facts.egress.host() + " " + facts.flag)
                .isEmpty();
    }

    @Override
    public void close() {
        gateway.close();
        inside.close();
        outside.close();
        dns.close();
    }
}
