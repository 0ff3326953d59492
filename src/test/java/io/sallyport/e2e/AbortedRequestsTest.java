package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.Cluster;
import io.sallyport.testing.Http2Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.StallingUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Whatever way a client leaves, what its request held comes back: the slot in the pool, the endpoint's count, the
/// connection to the upstream.
class AbortedRequestsTest {
    private static final int REQUESTS = 10_000;
    private static final int CLIENTS = 4;
    /// Fewer than what the guard against rapid resets allows on one connection.
    private static final int STREAMS = 10;

    private final AtomicInteger numbers = new AtomicInteger();
    private final StallingUpstream upstream = new StallingUpstream();
    private final TestGateway gateway = TestGateway.builder()
            .eventLoops(2)
            .start("""
                    apiVersion: networking.istio.io/v1
                    kind: Gateway
                    metadata: {name: edge}
                    spec:
                      servers:
                      - port: {number: 80, name: http, protocol: HTTP}
                        hosts: ["*"]
                      - port: {number: 8080, name: http2, protocol: HTTP2}
                        hosts: ["*"]
                    ---
                    """ + Yaml.service("up.internal", upstream.port()) + Yaml.forwardAll("up.example", "up.internal"));

    @AfterEach
    void close() {
        gateway.close();
        upstream.close();
    }

    private interface Abort {
        /// Returns how many requests it was.
        int run(AbortedRequestsTest test) throws IOException;
    }

    private static final String BODY = "POST /stall HTTP/1.1\r\nHost: up.example\r\nContent-Length: 1000\r\n\r\nbegun";
    private static final String CHUNKED =
            "POST /stall HTTP/1.1\r\nHost: up.example\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String STALLING = "GET /stall HTTP/1.1\r\nHost: up.example\r\n\r\n";
    private static final String DRIPPING = "GET /drip HTTP/1.1\r\nHost: up.example\r\n\r\n";

    private static final List<Abort> WAYS = List.of(
            test -> test.leave(STALLING, false, true),
            test -> test.leave(STALLING, false, false),
            test -> test.leave(BODY, false, true),
            test -> test.leave(BODY, false, false),
            test -> test.leave(CHUNKED + "5\r\nbegun\r\n", false, false),
            test -> test.leave(CHUNKED + "5\r\nbeg", false, true),
            test -> test.leave(STALLING + STALLING, false, true),
            test -> test.leave(DRIPPING, true, true),
            test -> test.leave(DRIPPING, true, false),
            test -> test.refused(CHUNKED + "zz\r\nbegun\r\n"),
            test -> test.refused(CHUNKED + "5\r\nbegunX"),
            AbortedRequestsTest::resetStreams,
            AbortedRequestsTest::leaveStreams);

    @Test
    void tenThousandOfThemLeaveNothingInUse() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int from = i;
                all.add(clients.submit(() -> {
                    int way = from;
                    for (int done = 0; done < REQUESTS / CLIENTS; way++) {
                        done += WAYS.get(way % WAYS.size()).run(this);
                    }
                    return null;
                }));
            }
            for (Future<?> client : all) {
                client.get();
            }
        }

        await().atMost(Duration.ofSeconds(15)).untilAsserted(() -> {
            List<PoolUsage> usage = gateway.usage();
            assertThat(usage).allMatch(PoolUsage::isQuiet);
            assertThat(upstream.openConnections())
                    .isEqualTo(usage.stream().mapToInt(PoolUsage::idle).sum());
            for (Cluster cluster : gateway.dataPlane().current().clusters().clusters()) {
                assertThat(cluster.status().requestsActive()).isZero();
            }
            assertThat(gateway.dataPlane().listeners().status()).allMatch(status -> status.activeConnections() == 0);
        });
        try (RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send("GET / HTTP/1.1\r\nHost: up.example\r\n\r\n").readResponse())
                    .startsWith("HTTP/1.1 200 OK\r\n");
        }
        // Most came as far as the upstream: they held something.
        assertThat(upstream.requests()).isGreaterThan(REQUESTS / 2);
    }

    /// Another one each time.
    private String query() {
        return Integer.toString(numbers.incrementAndGet());
    }

    private int leave(String request, boolean afterTheHead, boolean reset) throws IOException {
        try (RawClient client = new RawClient(gateway.port(80))) {
            String query = query();
            client.send(request.replace("/stall", "/stall?" + query));
            if (afterTheHead) {
                client.readHead();
            } else {
                upstream.awaitRequests(query, 1);
            }
            if (reset) {
                client.socket().setSoLinger(true, 0);
            }
        }
        return 1;
    }

    /// The head and what is wrong with the body in one packet.
    private int refused(String request) throws IOException {
        try (RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(request).readToEnd()).startsWith("HTTP/1.1 400 ");
        }
        return 1;
    }

    private int resetStreams() throws IOException {
        try (RawClient client = new RawClient(gateway.port(8080))) {
            Http2Frames frames = Http2Frames.preface();
            String query = query();
            for (int i = 0; i < STREAMS; i++) {
                open(frames, 2 * i + 1, i, query);
                if (i % 2 == 0) {
                    frames.cancel(2 * i + 1);
                }
            }
            client.send(frames.take());
            upstream.awaitRequests(query, STREAMS / 2);
            for (int i = 1; i < STREAMS; i += 2) {
                client.send(frames.cancel(2 * i + 1).take());
            }
        }
        return STREAMS;
    }

    private int leaveStreams() throws IOException {
        try (RawClient client = new RawClient(gateway.port(8080))) {
            Http2Frames frames = Http2Frames.preface();
            String query = query();
            for (int i = 0; i < STREAMS; i++) {
                open(frames, 2 * i + 1, i, query);
            }
            client.send(frames.take());
            upstream.awaitRequests(query, STREAMS);
        }
        return STREAMS;
    }

    private static void open(Http2Frames frames, int stream, int number, String query) {
        String stall = "/stall?" + query;
        switch (number % 3) {
            case 0 -> frames.headers(stream, Http2Frames.END_STREAM, "GET", "up.example", stall);
            case 1 -> frames.headers(stream, 0, "POST", "up.example", stall).data(stream, 0, "begun");
            default -> frames.headers(stream, Http2Frames.END_STREAM, "GET", "up.example", "/drip?" + query);
        }
    }
}
