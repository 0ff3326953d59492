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

    /// A ServiceEntry for one host on port 80 with one endpoint on the loopback.
    public static String service(String host, int endpointPort) {
        return service(host, "HTTP", endpointPort);
    }

    public static String service(String host, String protocol, int endpointPort) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec:
                  hosts: ["%s"]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: port, protocol: %s}]
                  endpoints: [{address: 127.0.0.1, ports: {port: %d}}]
                ---
                """.formatted(host.replace('.', '-'), host, protocol, endpointPort);
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

    /// A Gateway `edge` whose TCP server on port 9000 relays all bytes to the service.
    public static String forwardBytes(String service) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 9000, name: tcp, protocol: TCP}
                    hosts: ["*"]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: bytes}
                spec:
                  hosts: ["*"]
                  gateways: [edge]
                  tcp:
                  - route: [{destination: {host: %s, port: {number: 80}}}]
                ---
                """.formatted(service);
    }

    private static String quoted(String... hosts) {
        return "\"" + String.join("\", \"", hosts) + "\"";
    }
}
