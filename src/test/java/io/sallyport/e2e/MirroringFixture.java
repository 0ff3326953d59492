package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;

/// A route with an upstream and mirrors.
abstract class MirroringFixture {
    static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    static final String ANSWERED = "ANSWERED outbound|80||audit.internal";
    static final String FAILED = "FAILED outbound|80||audit.internal";
    static final String CUT = "CUT outbound|80||audit.internal";

    static final String GRPC_GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 8080, name: grpc, protocol: GRPC}
                hosts: ["*"]
            ---
            """;

    final RawUpstream upstream = RawUpstream.ok("hello");
    final RawUpstream audit = RawUpstream.answering("HTTP/1.1 500 No\r\ncontent-length: 6\r\n\r\nfailed");
    final CountDownLatch released = new CountDownLatch(1);

    @AfterEach
    void close() {
        released.countDown();
        upstream.close();
        audit.close();
    }

    TestGateway serving(RawUpstream mirror, String... fields) {
        return serving(upstream.port(), mirror.port(), fields);
    }

    static TestGateway serving(int shop, int audit, String... fields) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", shop)
                + Yaml.service("audit.internal", audit)
                + Yaml.virtualService(
                        "shop.example",
                        "- route: [{destination: {host: shop.internal, port: {number: 80}}}]\n  "
                                + String.join("\n  ", fields)));
    }

    static String mirror(String host) {
        return "mirror: {host: %s, port: {number: 80}}".formatted(host);
    }

    static void awaitMirrored(TestGateway gateway, String... outcomes) {
        await().untilAsserted(() -> assertThat(gateway.mirrored()).containsExactly(outcomes));
        await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
    }

    void hold() {
        try {
            released.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
