package scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Writes configuration directories.
///
/// @param work a directory that goes with the run
/// @param origin port of the service behind the gateway
record Site(Path work, int origin) {
    /// VirtualServices a file, where many are written at once.
    private static final int PER_FILE = 1000;

    /// A host that is always there, for the load.
    static final String STEADY = "steady.example";

    /// A directory with a Gateway, a service, and a VirtualService for [#STEADY].
    Path directory(String name) throws IOException {
        Path directory = Files.createDirectories(work.resolve(name));
        Files.writeString(
                directory.resolve("gateway.yaml"),
                """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  selector: {}
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: ["*"]
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: origin}
                spec:
                  hosts: [origin.example]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP, targetPort: %d}]
                  endpoints: [{address: 127.0.0.1}]
                """
                        .formatted(origin));
        Files.writeString(directory.resolve("steady.yaml"), service("steady", STEADY));
        return directory;
    }

    static String host(int number) {
        return "h" + number + ".scale.example";
    }

    /// Adds VirtualServices of one host and one route each.
    void addServices(Path directory, int count) throws IOException {
        for (int from = 0; from < count; from += PER_FILE) {
            StringBuilder text = new StringBuilder();
            for (int i = from; i < Math.min(count, from + PER_FILE); i++) {
                text.append("---\n").append(service("s" + i, host(i)));
            }
            Files.writeString(directory.resolve("services-" + from + ".yaml"), text);
        }
    }

    /// Adds or replaces one file with one VirtualService by a rename, and returns when that was.
    long put(Path directory, String name, String host) throws IOException {
        Path temporary = Files.writeString(directory.resolve("." + name + ".tmp"), service(name, host));
        long now = System.nanoTime();
        Files.move(temporary, directory.resolve(name + ".yaml"), StandardCopyOption.ATOMIC_MOVE);
        return now;
    }

    private static String service(String name, String host) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  gateways: [edge]
                  http:
                  - route:
                    - destination: {host: origin.example, port: {number: 80}}
                """
                .formatted(name, host);
    }
}
