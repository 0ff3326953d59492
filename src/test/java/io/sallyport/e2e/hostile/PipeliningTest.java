package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Requests sent ahead of their answers.
@ExtendWith(LogWatch.class)
class PipeliningTest {
    private static final String GET = "GET /attack HTTP/1.1\r\nHost: shop.example\r\n\r\n";

    @Test
    void tenThousandAreAnsweredOneAfterTheOther() throws Exception {
        try (Target target = Target.start();
                RawClient client = target.connect()) {
            Thread.ofVirtual().start(() -> {
                try {
                    client.send(GET.repeat(10_000)).endOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(client.readToEnd().split("HTTP/1.1 200 OK", -1)).hasSize(10_001);
            assertThat(target.upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void whatIsSentAheadOfAnAnswerThatDoesNotComeIsNotReadIn() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch enough = new CountDownLatch(1);
        RawUpstream upstream = RawUpstream.start(connection -> {
            while (connection.readHead() != null) {
                asked.countDown();
                try {
                    enough.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                connection.write(Target.OK);
            }
        });
        try (Target target = Target.start(upstream);
                RawClient client = target.connect()) {
            AtomicLong sent = new AtomicLong();
            String batch = GET.repeat(1000);
            Thread.ofVirtual().start(() -> {
                try {
                    while (sent.get() < 256 << 20) {
                        client.send(batch);
                        sent.addAndGet(batch.length());
                    }
                } catch (IOException closed) {
                    // By the test's end.
                }
            });
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            await().during(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(15))
                    .until(sent::get, before -> before == sent.get());
            assertThat(sent.get())
                    .as("bytes that fit into the kernel's buffers")
                    .isLessThan(64 << 20);
            assertThat(upstream.received()).containsOnlyOnce("GET /attack");
            enough.countDown();
        }
    }
}
