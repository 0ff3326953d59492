package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldMemoryTest {
    @Test
    void anEighthOfTheHeapMayWait() {
        long most = Runtime.getRuntime().maxMemory() / 8;
        HeldMemory memory = new HeldMemory();

        assertThat(memory.add(most - 10)).isTrue();
        assertThat(memory.add(10)).isTrue();
        assertThat(memory.add(1)).isFalse();
        assertThat(memory.add(-1)).isTrue();
        assertThat(memory.add(1)).isFalse();
    }

    /// To a mirror that reads nothing: a copy that is cut for its length, and ones whose time is over.
    @ParameterizedTest
    @ValueSource(ints = {100_000, 8 << 20})
    void whatACopyHoldsIsGivenBack(int length) throws Exception {
        Semaphore end = new Semaphore(0);
        try (RawUpstream shop = RawUpstream.ok("hello");
                RawUpstream deaf = RawUpstream.start(_ -> end.acquireUninterruptibly());
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", shop.port())
                        + Yaml.service("audit.internal", deaf.port())
                        + Yaml.virtualService("shop.example", """
                                - route: [{destination: {host: shop.internal, port: {number: 80}}}]
                                  mirror: {host: audit.internal, port: {number: 80}}
                                  timeout: 5s
                                """));
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: " + length + "\r\n\r\n");
            client.send(new byte[length]);

            assertThat(client.readResponse()).endsWith("hello");
            await().until(() -> gateway.mirrored().size() == 1);
            assertThat(HeldMemory.MIRRORS.held()).isZero();
            end.release();
        }
    }
}
