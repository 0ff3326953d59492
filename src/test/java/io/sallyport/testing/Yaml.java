package io.sallyport.testing;

/// Resources that tests write often.
public final class Yaml {
    private Yaml() {}

    /// A Gateway `edge` with one plain-text HTTP server on port 80.
    public static String httpGateway(String... hosts) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  selector: {istio: ingressgateway}
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: [%s]
                ---
                """.formatted(quoted(hosts));
    }

    /// A resource of security.istio.io.
    ///
    /// @param spec lines of its spec
    public static String security(String kind, String namespace, String name, String spec) {
        return """
                apiVersion: security.istio.io/v1
                kind: %s
                metadata: {name: %s, namespace: %s}
                spec:
                %s
                ---
                """.formatted(kind, name, namespace, spec.indent(2).stripTrailing());
    }

    /// A Gateway `edge` with one server, whose fields these are in one line.
    public static String gateway(String server) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers: [{%s}]
                ---
                """.formatted(server);
    }

    /// A Gateway `edge` whose TCP port of this number leads to that port of a service.
    public static String forwardBytes(int number, String service, int port) {
        return gateway("port: {number: %d, name: tcp, protocol: TCP}, hosts: [\"*\"]".formatted(number))
                + bytes("tcp: [{route: [{destination: {host: %s, port: {number: %d}}}]}]".formatted(service, port));
    }

    /// A Gateway `edge` whose port 443 passes TLS through to port 443 of a service.
    public static String forwardTls(String service) {
        return gateway("port: {number: 443, name: tls, protocol: TLS}, hosts: [\"*\"], tls: {mode: PASSTHROUGH}")
                + bytes("tls: [{match: [{sniHosts: [\"*\"]}], route: [{destination: {host: %s, port: {number: 443}}}]}]"
                        .formatted(service));
    }

    private static String bytes(String routes) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: bytes}
                spec:
                  hosts: ["*"]
                  gateways: [edge]
                  %s
                ---
                """.formatted(routes);
    }

    /// A ServiceEntry for one host on port 80 with one endpoint on the loopback.
    public static String service(String host, int endpointPort) {
        return service(host, "HTTP", endpointPort);
    }

    public static String service(String host, String protocol, int endpointPort) {
        return service(host, 80, protocol, endpointPort);
    }

    private static String service(String host, int port, String protocol, int endpointPort) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec:
                  hosts: ["%s"]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: %d, name: port, protocol: %s}]
                  endpoints: [{address: 127.0.0.1, ports: {port: %d}}]
                ---
                """.formatted(host.replace('.', '-'), host, port, protocol, endpointPort);
    }

    /// A Telemetry with one list.
    ///
    /// @param attachment a field of `spec` that says what it is for; empty for the namespace
    /// @param field `tracing`, `accessLogging` or `metrics`
    /// @param list its elements
    public static String telemetry(String namespace, String attachment, String field, String list) {
        return """
                ---
                apiVersion: telemetry.istio.io/v1
                kind: Telemetry
                metadata: {name: "t%s", namespace: %s}
                spec:
                  %s
                  %s:
                %s
                """.formatted(
                        Integer.toHexString((namespace + attachment).hashCode()),
                        namespace,
                        attachment,
                        field,
                        list.indent(2).stripTrailing());
    }

    /// A VirtualService of gateway `edge` whose `http` list is this, indented by two.
    public static String virtualService(String host, String http) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: ["%s"]
                  gateways: [edge]
                  http:
                %s
                ---
                """.formatted(
                        "vs-" + host.replace('.', '-').replace("*", "any"),
                        host,
                        http.indent(2).stripTrailing());
    }

    /// A Gateway `edge` whose only host `shop.example` answers by itself.
    public static String answering(String body) {
        return httpGateway("*")
                + virtualService("shop.example", "- directResponse: {status: 200, body: {string: " + body + "}}");
    }

    /// Everything under `host` goes to the service of that name.
    public static String forwardAll(String host, String service) {
        return virtualService(host, "- route: [{destination: {host: %s, port: {number: 80}}}]".formatted(service));
    }

    /// A Gateway `edge` whose TCP port 9000 leads to port 80 of a service.
    public static String forwardBytes(String service) {
        return forwardBytes(9000, service, 80);
    }

    /// A Gateway `edge` whose TCP port 9000 leads to that port of a service, with its ServiceEntry.
    public static String relay(String service, int port, int endpointPort) {
        return forwardBytes(9000, service, port) + service(service, port, "TCP", endpointPort);
    }

    private static String quoted(String... hosts) {
        return "\"" + String.join("\", \"", hosts) + "\"";
    }
}
