package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.H2Spec;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The conformance suite against the whole gateway, whose answers come from an HTTP/1.1 upstream.
class H2SpecGatewayTest {
    @TempDir
    Path directory;

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued certificate = authority.leaf("edge").ip("127.0.0.1").issue();
    private final RawUpstream upstream = RawUpstream.ok("hello");
    private final TestGateway gateway = TestGateway.builder()
            .secret("edge", certificate)
            .start(TlsForwardingTest.gateway("""
                      - port: {number: 8080, name: http2, protocol: HTTP2}
                        hosts: ["*"]
                    """ + TlsForwardingTest.tlsServer("*", "edge", 443))
                    + Yaml.service("up.internal", upstream.port())
                    + Yaml.forwardAll("*", "up.internal"));

    @Test
    void passesEveryCaseInPlainText() throws Exception {
        check(H2Spec.run(directory, gateway.port(8080)));
    }

    @Test
    void passesEveryCaseOverTls() throws Exception {
        check(H2Spec.run(directory, gateway.port(443), "-t", "-k"));
    }

    private void check(H2Spec.Result result) {
        try (upstream;
                gateway) {
            assertThat(result.failed()).as(result.output()).isZero();
            assertThat(result.tests()).isGreaterThanOrEqualTo(145);
            assertThat(result.passed()).as(result.output()).isEqualTo(result.tests());
            await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
        }
    }
}
