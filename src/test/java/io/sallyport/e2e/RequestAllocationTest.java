package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.channel.EventLoop;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/// What a small request leaves for the garbage collector: all that the gateway's event loop allocates for it, on
/// connections that are kept alive at both ends, on average over 10,000 of them. The limits are a little above what is
/// measured; they may fall and must not grow.
class RequestAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_UP = 20_000;
    private static final int REQUESTS = 10_000;
    /// HTTP/2's window of a connection, for all responses.
    private static final int WINDOW = 1 << 30;

    private interface Request {
        void send() throws IOException;
    }

    private static TestGateway gateway(RawUpstream upstream) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstream.port())
                + Yaml.virtualService("shop.example", "- route: [{destination: {host: shop.internal}}]\n"));
    }

    private static long bytesPerRequest(TestGateway gateway, Request request) throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            request.send();
        }
        EventLoop loop = gateway.dataPlane().eventLoops().getFirst();
        long thread = loop.submit(() -> Thread.currentThread().threadId()).get();
        long before = THREADS.getThreadAllocatedBytes(thread);
        for (int i = 0; i < REQUESTS; i++) {
            request.send();
        }
        return (THREADS.getThreadAllocatedBytes(thread) - before) / REQUESTS;
    }

    @Test
    void aRequestOverHttp1LeavesLittleGarbage() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = gateway(upstream);
                RawClient client = new RawClient(gateway.port(80))) {
            String request = "GET /cart HTTP/1.1\r\nHost: shop.example\r\n\r\n";
            long bytes = bytesPerRequest(gateway, () -> client.send(request).readResponse());

            assertThat(bytes).isLessThanOrEqualTo(975);
        }
    }

    @Test
    void aRequestOverHttp2LeavesLittleGarbage() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = gateway(upstream);
                H2Client client = new H2Client(gateway.port(80))) {
            client.send(Frames.windowUpdate(0, WINDOW));
            int[] stream = {-1};
            long bytes = bytesPerRequest(gateway, () -> {
                stream[0] += 2;
                client.send(Frames.headers(stream[0], true, H2Client.request("GET", "/cart")));
                assertThat(client.body(stream[0])).isEqualTo("hello");
            });

            assertThat(bytes).isLessThanOrEqualTo(2_310);
        }
    }
}
