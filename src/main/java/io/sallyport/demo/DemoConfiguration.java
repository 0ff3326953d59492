package io.sallyport.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A directory with resources that route to the sample services, and one with the certificate they are served with.
/// Both are the user's to edit while the gateway runs; closing deletes them.
public final class DemoConfiguration implements AutoCloseable {
    /// Names under `localhost` are this machine's (RFC 6761, section 6.3), so that curl and browsers need no set-up.
    static final String HOST = "shop.localhost";

    private static final Duration VALIDITY = Duration.ofDays(30);

    private final Path root;
    private final int httpPort;
    private final int httpsPort;

    private DemoConfiguration(Path root, int httpPort, int httpsPort) {
        this.root = root;
        this.httpPort = httpPort;
        this.httpsPort = httpsPort;
    }

    /// Writes the directories.
    ///
    /// @throws IOException if the temporary directory cannot be written
    public static DemoConfiguration write(SampleServices services, int httpPort, int httpsPort) throws IOException {
        var demo = new DemoConfiguration(Files.createTempDirectory("sallyport-demo-"), httpPort, httpsPort);
        Files.createDirectories(demo.directory());
        Files.writeString(demo.directory().resolve("gateway.yaml"), DemoResources.GATEWAY);
        Files.writeString(demo.directory().resolve("routes.yaml"), DemoResources.ROUTES);
        Files.writeString(demo.directory().resolve("services.yaml"), DemoResources.services(services));
        Path secret = Files.createDirectories(demo.secrets().resolve(DemoResources.CREDENTIAL));
        try {
            SelfSignedCertificate made = SelfSignedCertificate.of(List.of(HOST), Instant.now(), VALIDITY);
            Files.writeString(secret.resolve("tls.crt"), made.certificate());
            Files.writeString(secret.resolve("tls.key"), made.privateKey());
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificate can be made: " + e.getMessage(), e);
        }
        return demo;
    }

    /// Where the resources are.
    public Path directory() {
        return root.resolve("config");
    }

    Path secrets() {
        return root.resolve("secrets");
    }

    /// The settings with which `serve` serves it.
    public Map<String, String> settings() {
        return Map.of(
                // Nobody balances load to a demo, and whoever stops it is waiting.
                "sallyport.drain.delay", "0s",
                "sallyport.config.dir", directory().toString(),
                "sallyport.secrets.dir", secrets().toString(),
                "sallyport.namespace", "default",
                "sallyport.port-map.80", Integer.toString(httpPort),
                "sallyport.port-map.443", Integer.toString(httpsPort));
    }

    /// What to try, a command a line.
    ///
    /// @param adminPort where the admin API is
    /// @param healthPort where health and metrics are
    public String tour(int adminPort, int healthPort) {
        return DemoTour.TEXT
                .replace("{host}", HOST)
                .replace("{https}", Integer.toString(httpsPort))
                .replace("{http}", Integer.toString(httpPort))
                .replace("{admin}", Integer.toString(adminPort))
                .replace("{health}", Integer.toString(healthPort))
                .replace("{certificate}", certificate().toString())
                .replace("{directory}", directory().toString());
    }

    Path certificate() {
        return secrets().resolve(DemoResources.CREDENTIAL).resolve("tls.crt");
    }

    @Override
    public void close() {
        try (Stream<Path> paths = Files.walk(root)) {
            paths.sorted(Comparator.reverseOrder()).forEach(DemoConfiguration::delete);
        } catch (IOException | UncheckedIOException e) {
            System.getLogger(DemoConfiguration.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} is left behind: {1}", root, e.getMessage());
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
