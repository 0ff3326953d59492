package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.FastThreadLocalThread;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentRequestsTest {
    private final AtomicLong clock = new AtomicLong(-7);

    private RequestFacts request(String path) {
        RequestFacts facts = Facts.forwarded();
        facts.path = path;
        facts.startNanos = clock.getAndAdd(TimeUnit.MILLISECONDS.toNanos(20));
        return facts;
    }

    @Test
    void theNewestComesFirstAndTheOldestGo() {
        RecentRequests recent = new RecentRequests(3);
        for (int i = 0; i < 10; i++) {
            recent.onRequestEnd(request("/" + i));
        }

        assertThat(recent.latest()).extracting(each -> each.path).containsExactly("/9", "/8", "/7");
    }

    @Test
    void thoseOfAllEventLoopsAreShownByTheirEnds() throws Exception {
        RecentRequests recent = new RecentRequests(4);
        for (int i = 0; i < 6; i++) {
            RequestFacts facts = request("/" + i);
            Thread loop = new FastThreadLocalThread(() -> recent.onRequestEnd(facts));
            loop.start();
            loop.join();
        }

        assertThat(recent.latest()).extracting(each -> each.path).containsExactly("/5", "/4", "/3", "/2");
    }

    @Test
    void textsOfClientsAreBounded() {
        RecentRequests recent = new RecentRequests(1_000);
        for (int i = 0; i < 20; i++) {
            recent.onRequestEnd(request("/" + "x".repeat(300_000)));
        }
        assertThat(recent.latest()).hasSize(3);

        recent.onRequestEnd(request("/" + "x".repeat(2_000_000)));
        assertThat(recent.latest()).isEmpty();

        recent.onRequestEnd(request("/small"));
        assertThat(recent.latest()).hasSize(1);
    }

    @Test
    void connectionsAreKeptToo() {
        RecentRequests recent = new RecentRequests(10);
        recent.onConnectionEnd(Facts.connection());
        recent.onRequestEnd(Facts.refused());

        assertThat(recent.latest()).hasSize(2);
    }
}
