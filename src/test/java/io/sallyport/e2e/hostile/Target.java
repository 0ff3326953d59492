package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/// What is attacked: a gateway with one upstream behind `shop.example` that keeps every byte it gets. HTTP/1.1 comes in
/// on port 80, HTTP/2 with prior knowledge on port 8080.
final class Target implements AutoCloseable {
    static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    final RawUpstream upstream;
    final TestGateway gateway;

    private Target(RawUpstream upstream, TestGateway gateway) {
        this.upstream = upstream;
        this.gateway = gateway;
    }

    /// The upstream answers every request with [#OK].
    static Target start() {
        return start(RawUpstream.answering(OK), builder -> builder);
    }

    static Target start(UnaryOperator<GatewayBuilder> settings) {
        return start(RawUpstream.answering(OK), settings);
    }

    static Target start(RawUpstream upstream) {
        return start(upstream, builder -> builder);
    }

    static Target start(RawUpstream upstream, UnaryOperator<GatewayBuilder> settings) {
        String route = "- route: [{destination: {host: shop.internal, port: {number: 80}}}]";
        return start(upstream, "HTTP", route, settings);
    }

    /// @param protocol that the upstream speaks
    /// @param http routes of `shop.example`
    static Target start(RawUpstream upstream, String protocol, String http, UnaryOperator<GatewayBuilder> settings) {
        String yaml = """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
                  - {port: {number: 8080, name: http2, protocol: HTTP2}, hosts: ["*"]}
                ---
                """ + Yaml.service("shop.internal", protocol, upstream.port())
                + Yaml.virtualService("shop.example", http);
        return new Target(upstream, settings.apply(TestGateway.builder()).start(yaml));
    }

    RawClient connect() throws IOException {
        return new RawClient(gateway.port(80));
    }

    H2Client connect2() throws IOException {
        return new H2Client(gateway.port(8080));
    }

    /// What comes back on a connection of its own until the gateway closes it.
    String exchange(String request) throws IOException {
        return RawClient.exchange(gateway.port(80), request);
    }

    /// Honest traffic goes on, at once.
    void isServing() throws IOException {
        String response = exchange("GET /honest HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
        assertThat(response).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok");
    }

    /// No request holds a connection of any pool.
    void slotsAreFree() {
        await().untilAsserted(() -> assertThat(gateway.usage())
                .allSatisfy(usage ->
                        assertThat(List.of(usage.active(), usage.connecting())).containsOnly(0)));
    }

    @Override
    public void close() {
        gateway.close();
        upstream.close();
    }
}
