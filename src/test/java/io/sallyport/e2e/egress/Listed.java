package io.sallyport.e2e.egress;

/// ServiceEntries of hosts outside the mesh, with one endpoint on this machine.
final class Listed {
    private Listed() {}

    static String host(String host, int port, String protocol, int endpointPort) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata:
                  name: %s
                spec:
                  hosts: ["%s"]
                  location: MESH_EXTERNAL
                  ports:
                  - number: %d
                    name: port
                    protocol: %s
                    targetPort: %d
                  resolution: STATIC
                  endpoints:
                  - address: 127.0.0.1
                ---
                """.formatted(host.replace("*", "any") + "-" + port, host, port, protocol, endpointPort);
    }
}
