package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.TlsPeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A whole process takes up what changes about certificates, where no directory that it watches changes.
@Timeout(120)
class CertificateFilesTest {
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");

    @TempDir
    private Path directory;

    private final int port = BuiltProgram.freePort();

    private static Issued issued() {
        return AUTHORITY.leaf("a").dns("a.example").issue();
    }

    private GatewayProcess process() throws Exception {
        return TestProcess.create(
                new SimpleMeterRegistry(),
                Map.of(
                        "sallyport.config.dir", directory.resolve("config").toString(),
                        "sallyport.secrets.dir", directory.resolve("secrets").toString(),
                        "sallyport.identity.dir", directory.resolve("identity").toString(),
                        "sallyport.reload.poll-interval", "100ms",
                        "sallyport.port-map.443", Integer.toString(port)));
    }

    private void serve(String tls) throws IOException {
        Files.writeString(
                Files.createDirectories(directory.resolve("config")).resolve("gateway.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: [a.example]
                    tls: {mode: SIMPLE, %s}
                """.formatted(tls));
    }

    private boolean shows(Issued certificate) throws IOException {
        try (TlsPeer client = TlsPeer.client(port, "a.example", "TLSv1.3", "http/1.1")) {
            return client.isServedBy(certificate);
        }
    }

    @Test
    void filesElsewhereAreTakenUp() throws Exception {
        Issued before = issued();
        Issued after = issued();
        Path files = before.writeSecret(directory.resolve("elsewhere"));
        serve("serverCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key".formatted(files));
        GatewayProcess gateway = process();
        try {
            gateway.start();
            assertThat(shows(before)).isTrue();
            after.writeSecret(files);
            await().ignoreExceptions().atMost(Duration.ofSeconds(60)).until(() -> shows(after));
        } finally {
            gateway.close();
        }
    }

    @Test
    void oneThatWasGivenBeforeItsTimeIsServedFromThenOn() throws Exception {
        Issued before = issued();
        Instant start = Instant.now().plusSeconds(4);
        Issued after = AUTHORITY
                .leaf("a")
                .dns("a.example")
                .valid(start, start.plus(Duration.ofDays(9)))
                .issue();
        Path secret = before.writeSecret(directory.resolve("secrets/a"));
        serve("credentialName: a");
        GatewayProcess gateway = process();
        try {
            gateway.start();
            assertThat(shows(before)).isTrue();
            after.writeSecret(secret);
            await().ignoreExceptions().atMost(Duration.ofSeconds(60)).until(() -> shows(after));
            assertThat(Instant.now())
                    .isAfterOrEqualTo(after.certificate().getNotBefore().toInstant());
        } finally {
            gateway.close();
        }
    }
}
