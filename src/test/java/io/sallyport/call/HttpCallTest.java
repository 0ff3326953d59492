package io.sallyport.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.http.Headers;
import io.sallyport.outcome.ProxyException;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsSpecs;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.PoolUsage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpCallTest {
    private static final int MOST = 10;

    private final LoopFixture loop = LoopFixture.real(true);

    @AfterEach
    void stop() {
        loop.close();
    }

    private Cluster cluster(RawUpstream upstream) {
        return loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", upstream.port())));
    }

    private String get(Cluster cluster) {
        return ask(cluster, HttpQuestion.get("keys.example", "/jwks?x=1"), Duration.ofSeconds(10));
    }

    private String ask(Cluster cluster, HttpQuestion question, Duration timeout) {
        CompletableFuture<String> told = new CompletableFuture<>();
        loop.run(() -> new HttpCall(loop.upstream, cluster, question, timeout, MOST, told(told)).start());
        return told.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static HttpCall.Callback told(CompletableFuture<String> result) {
        return new HttpCall.Callback() {
            @Override
            public void onAnswer(HttpAnswer answer) {
                result.complete(answer.status() + " " + new String(answer.body(), StandardCharsets.UTF_8));
            }

            @Override
            public void onFailure(ProxyException failure) {
                result.complete(failure.flag() + " " + failure.details());
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', 200 hello",
        "'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789', 200 0123456789",
        "'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n01234567890', UPE call_answer_too_large",
        "'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n', UPE call_answer_too_large",
        "'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-trailer: 1\r\n\r\n', 200 hello",
        "'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n', '204 '",
        "'HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n', '302 '",
        "'HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno', 500 no",
    })
    void anAnswerIsHandedOverWhole(String response, String result) {
        try (RawUpstream upstream = RawUpstream.answering(response)) {
            assertThat(get(cluster(upstream))).isEqualTo(result);
        }
    }

    @Test
    void whatIsNotHttpIsAFailure() {
        try (RawUpstream upstream = RawUpstream.answering("SMTP ready\r\n\r\n")) {
            assertThat(get(cluster(upstream))).startsWith("UPE ");
        }
    }

    @Test
    void theRequestIsTheQuestion() {
        try (RawUpstream upstream = RawUpstream.ok("ok")) {
            Cluster cluster = cluster(upstream);
            assertThat(get(cluster)).isEqualTo("200 ok");
            HttpQuestion post = new HttpQuestion(
                    "POST",
                    "check.example:80",
                    "/check",
                    new Headers().add(AsciiString.of("x-a"), "1"),
                    Unpooled.copiedBuffer("body", StandardCharsets.UTF_8));
            assertThat(ask(cluster, post, Duration.ofSeconds(10))).isEqualTo("200 ok");

            String received = upstream.connections().getFirst().received();
            assertThat(received)
                    .startsWith("GET /jwks?x=1 HTTP/1.1\r\nhost: keys.example\r\n\r\n")
                    .contains(
                            "POST /check HTTP/1.1\r\nhost: check.example:80\r\nx-a: 1\r\ncontent-length: 4\r\n\r\nbody");
            assertThat(cluster.status().connectionsTotal()).isEqualTo(1);
        }
    }

    /// Reads all that comes, and answers nothing.
    private static RawUpstream silent() {
        return RawUpstream.start(connection -> {
            while (connection.read() >= 0) {
                // Silence.
            }
        });
    }

    @Test
    void aSilentPeerEndsAtTheTimeout() {
        try (RawUpstream upstream = silent()) {
            Cluster cluster = cluster(upstream);
            assertThat(ask(cluster, HttpQuestion.get("a", "/"), Duration.ofMillis(300)))
                    .isEqualTo("UT call_timeout");
            assertThat(cluster.status().requestsActive()).isZero();
        }
    }

    @Test
    void anAbandonedCallLeavesNothing() {
        try (RawUpstream upstream = silent()) {
            Cluster cluster = cluster(upstream);
            CompletableFuture<String> told = new CompletableFuture<>();
            HttpCall[] call = new HttpCall[1];
            loop.run(() -> {
                call[0] = new HttpCall(
                        loop.upstream, cluster, HttpQuestion.get("a", "/"), Duration.ofSeconds(10), MOST, told(told));
                call[0].start();
            });
            await().until(() -> !upstream.connections().isEmpty()
                    && upstream.connections().getFirst().received().contains("\r\n\r\n"));
            loop.run(call[0]::cancel);

            await().untilAsserted(() -> assertThat(
                            loop.upstream.usage().toCompletableFuture().join())
                    .allMatch(PoolUsage::isQuiet));
            assertThat(cluster.status().requestsActive()).isZero();
            assertThat(told).isNotDone();
        }
    }

    @Test
    void tlsAndTheVersionAreTheClusters() {
        Issued identity = TestCertificates.authority("ca")
                .leaf("keys")
                .dns("service.example")
                .issue();
        try (RawUpstream upstream =
                RawUpstream.startTls(identity, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))) {
            assertThat(get(loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", upstream.port()))
                            .withProtocol(UpstreamProtocol.ALPN, TlsSpecs.upstream(identity.trust())))))
                    .isEqualTo("200 ok");
        }
    }
}
