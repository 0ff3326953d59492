package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.tls.DownstreamTlsContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// A secret is swapped while it is being read: what was read then must not be taken for what is there afterwards.
class SecretSwapTest {
    private static final int ROUNDS = 50;
    private static final Duration WARM_UP = Duration.ofSeconds(1);

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued a = authority.leaf("a").dns("a.example").issue();
    private final Issued b = authority.leaf("b").dns("a.example").issue();

    private static void swap(Path secret, String version) throws IOException {
        Path link = Files.createSymbolicLink(secret.resolve("..data_tmp"), Path.of(version));
        Files.move(link, secret.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static X509Certificate served(TestGateway gateway) {
        DownstreamTlsContext context = Objects.requireNonNull(
                Objects.requireNonNull(gateway.listener(443).chainFor("a.example"))
                        .context());
        return context.spec().credentials().getFirst().leaf();
    }

    @Test
    void aChangeBackAmidAReloadIsNotMissed() throws Exception {
        try (TestGateway gateway = TestGateway.builder()
                .secret("edge", a)
                .start(TlsForwardingTest.gateway(TlsForwardingTest.tlsServer("a.example", "edge", 443))
                        + Yaml.service("up.internal", 1)
                        + Yaml.forwardAll("a.example", "up.internal"))) {
            Path secret = gateway.secrets().resolve("edge");
            a.writeSecret(secret.resolve("..a"));
            b.writeSecret(secret.resolve("..b"));
            for (int round = 0; round < ROUNDS; round++) {
                swap(secret, "..b");
                gateway.dataPlane().reload(WARM_UP);
                assertThat(served(gateway)).isEqualTo(b.certificate());

                swap(secret, "..a");
                CompletableFuture<?> amid =
                        CompletableFuture.runAsync(() -> gateway.dataPlane().reload(WARM_UP));
                LockSupport.parkNanos(Duration.ofNanos(round % 50 * 200_000L).toNanos());
                swap(secret, "..b");
                amid.join();
                swap(secret, "..a");
                gateway.dataPlane().reload(WARM_UP);

                assertThat(served(gateway)).as("round %d", round).isEqualTo(a.certificate());
            }
        }
    }
}
