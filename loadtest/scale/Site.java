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
            Files.writeString(directory.resolve("services-" + from + ".yaml"), services(from, count, -1, ""));
        }
    }

    /// @param count of all files
    /// @param changed the one that has another host besides, or -1
    private static String services(int from, int count, int changed, String besides) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < Math.min(count, from + PER_FILE); i++) {
            String hosts = i == changed ? host(i) + ", " + besides : host(i);
            text.append("---\n").append(service("s" + i, hosts));
        }
        return text.toString();
    }

    /// Adds as many, of that kind.
    void add(Path directory, OneOfMany.Many many) throws IOException {
        if (many.ownFiles()) {
            for (int i = 0; i < many.firstSound(); i++) {
                Files.writeString(directory.resolve("s" + i + ".yaml"), service("s" + i, host(i)) + "  unknown: 1\n");
            }
            for (int i = many.firstSound(); i < many.count(); i++) {
                Files.writeString(directory.resolve("s" + i + ".yaml"), service("s" + i, host(i)));
            }
            return;
        }
        addServices(directory, many.services());
        int others = (many.count() - many.services()) / 2;
        for (int from = 0; from < others; from += PER_FILE) {
            StringBuilder text = new StringBuilder();
            for (int i = from; i < Math.min(others, from + PER_FILE); i++) {
                text.append(destination(i));
            }
            Files.writeString(directory.resolve("destinations-" + from + ".yaml"), text);
        }
    }

    /// Gives one of them another host besides its own: renames a file into place, and returns when that was.
    long change(Path directory, OneOfMany.Many many, int service, String host) throws IOException {
        if (many.ownFiles()) {
            return put(directory, "s" + service, host(service) + ", " + host);
        }
        int from = service / PER_FILE * PER_FILE;
        return replace(directory, "services-" + from, services(from, many.services(), service, host));
    }

    /// Adds or replaces one file with one VirtualService by a rename, and returns when that was.
    long put(Path directory, String name, String hosts) throws IOException {
        return replace(directory, name, service(name, hosts));
    }

    private static long replace(Path directory, String name, String text) throws IOException {
        Path temporary = Files.writeString(directory.resolve("." + name + ".tmp"), text);
        long now = System.nanoTime();
        Files.move(temporary, directory.resolve(name + ".yaml"), StandardCopyOption.ATOMIC_MOVE);
        return now;
    }

    /// A ServiceEntry and a DestinationRule.
    private String destination(int number) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: d%1$d}
                spec:
                  hosts: [d%1$d.scale.internal]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP, targetPort: %2$d}]
                  endpoints: [{address: 127.0.0.1}]
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: d%1$d}
                spec:
                  host: d%1$d.scale.internal
                  trafficPolicy:
                    connectionPool: {http: {http1MaxPendingRequests: 100}}
                """
                .formatted(number, origin);
    }

    private static String service(String name, String hosts) {
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
                .formatted(name, hosts);
    }
}
