import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The gateway's configuration and secrets, changed as an editor and as Kubernetes change them.
final class GatewayDirectories {
    private final Path config;
    private final Path secret;
    private final Path next;
    private final int upstreamPort;
    private int secretVersion;

    GatewayDirectories(Path work, int upstreamPort) throws IOException {
        this.upstreamPort = upstreamPort;
        config = Files.createDirectories(work.resolve("config"));
        secret = Files.createDirectories(work.resolve("secrets/edge"));
        next = work.resolve("next.yaml");
    }

    /// The host of the route that a generation has, and the one before and the one after it have not.
    static String present(int generation) {
        return (generation % 2 == 0 ? "even" : "odd") + ".example";
    }

    static String absent(int generation) {
        return present(generation + 1);
    }

    /// What stays the same.
    void writeGateway() throws IOException {
        Files.writeString(config.resolve("gateway.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: ["*"]
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["%s"]
                    tls: {mode: SIMPLE, credentialName: edge}
                ---
                """.formatted(ServerCertificate.HOST)
                + service("steady") + route("steady", "steady.example", "steady", ""));
    }

    /// A route that comes and goes, and two that move from one cluster to another, which is closed by that.
    void writeGeneration(int generation) throws IOException {
        String colour = generation % 2 == 0 ? "blue" : "green";
        String number = "headers: {response: {set: {x-generation: '%d'}}}".formatted(generation);
        Files.writeString(
                next,
                service(colour)
                        + route("moving", "moving.example", colour, "")
                        + route("secure", ServerCertificate.HOST, colour, "")
                        + route("changing", present(generation), "steady", number));
        Files.move(next, config.resolve("changing.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private String service(String name) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec:
                  hosts: [%s.internal]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
                ---
                """.formatted(name, name, upstreamPort);
    }

    private static String route(String name, String host, String service, String more) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  gateways: [edge]
                  http:
                  - route: [{destination: {host: %s.internal, port: {number: 80}}}]
                    %s
                ---
                """.formatted(name, host, service, more);
    }

    /// A new directory, then `..data` renamed onto it, then the end of the old one.
    void writeSecret(ServerCertificate certificate) throws IOException {
        Path version = Files.createDirectory(secret.resolve("..version" + secretVersion));
        Files.copy(certificate.chain(), version.resolve("tls.crt"));
        Files.copy(certificate.key(), version.resolve("tls.key"));
        Path link = Files.createSymbolicLink(secret.resolve("..data_tmp"), version.getFileName());
        Files.move(link, secret.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        if (secretVersion == 0) {
            Files.createSymbolicLink(secret.resolve("tls.crt"), Path.of("..data/tls.crt"));
            Files.createSymbolicLink(secret.resolve("tls.key"), Path.of("..data/tls.key"));
        } else {
            Path old = secret.resolve("..version" + (secretVersion - 1));
            Files.delete(old.resolve("tls.crt"));
            Files.delete(old.resolve("tls.key"));
            Files.delete(old);
        }
        secretVersion++;
    }
}
