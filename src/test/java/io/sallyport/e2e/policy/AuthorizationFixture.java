package io.sallyport.e2e.policy;

import io.netty.handler.codec.http2.Http2Headers;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Gateways with policies, and their clients.
final class AuthorizationFixture {
    private AuthorizationFixture() {}

    /// A policy of namespace `default`.
    ///
    /// @param spec indented by two
    static String policy(String name, String spec) {
        return policy("default", name, spec);
    }

    static String policy(String namespace, String name, String spec) {
        return Yaml.security("AuthorizationPolicy", namespace, name, spec);
    }

    /// A TCP port of a Gateway that leads to an endpoint with the label `app: db`.
    static String tcp(int endpoint) {
        return Yaml.forwardBytes(31400, "db.test", 5432) + entry(5432, "TCP", endpoint);
    }

    /// Likewise a port whose TLS is passed through.
    static String passthrough(int endpoint) {
        return Yaml.forwardTls("db.test") + entry(443, "TLS", endpoint);
    }

    /// The endpoint, as service `db.test`.
    static String entry(int port, String protocol, int endpoint) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: db}
                spec:
                  hosts: [db.test]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: %d, name: port, protocol: %s}]
                  endpoints: [{address: 127.0.0.1, labels: {app: db}, ports: {port: %d}}]
                ---
                """.formatted(port, protocol, endpoint);
    }

    /// A MeshConfig with the provider `gate`, which is the service `authz.internal`, and one that authorizes nothing.
    ///
    /// @param kind `envoyExtAuthzHttp` or `envoyExtAuthzGrpc`
    /// @param settings its further fields, one a line
    static String provider(String kind, String... settings) {
        return """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: istio, namespace: istio-system}
                data:
                  mesh: |
                    extensionProviders:
                    - name: tracer
                      zipkin: {service: zipkin.internal, port: 9411}
                    - name: gate
                      %s:
                        service: authz.internal
                        port: 80
                %s
                ---
                """.formatted(kind, String.join("\n", settings).indent(8).stripTrailing());
    }

    /// What a client gets to a GET over each version of HTTP, which must be the same status.
    ///
    /// @param fields names and values of further fields
    static int get(TestGateway gateway, String authority, String target, String... fields) throws IOException {
        return ask(gateway, "GET", authority, target, fields);
    }

    static int ask(TestGateway gateway, String method, String authority, String target, String... fields)
            throws IOException {
        int http1 = status(http1(gateway, method, authority, target, fields));
        List<String> all = new ArrayList<>(
                List.of(":method", method, ":scheme", "http", ":authority", authority, ":path", target));
        all.addAll(List.of(fields));
        try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
            Http2Headers head = client.request(all.toArray(String[]::new));
            int http2 = Integer.parseInt(head.status().toString());
            if (http2 != http1) {
                throw new AssertionError("HTTP/1.1 " + http1 + ", HTTP/2 " + http2);
            }
        }
        return http1;
    }

    static String http1(TestGateway gateway, String method, String authority, String target, String... fields)
            throws IOException {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: " + authority + "\r\n");
        for (int i = 0; i < fields.length; i += 2) {
            head.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
        }
        return RawClient.exchange(gateway.port(80), head + "Connection: close\r\n\r\n");
    }

    static int status(String response) {
        return Integer.parseInt(response.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
    }
}
