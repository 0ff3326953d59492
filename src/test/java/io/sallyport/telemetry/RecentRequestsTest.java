package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.FastThreadLocalThread;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentRequestsTest {
    private static final RecentRequests.RouteKey ROUTE = new RecentRequests.RouteKey("default/shop", null, 3);

    private final AtomicLong clock = new AtomicLong(-7);

    private RecentRequests recent(int most) {
        return new RecentRequests(most, Scraped.BOUNDS, clock::get);
    }

    private RequestFacts request(String path) {
        RequestFacts facts = Facts.forwarded();
        facts.path = path;
        facts.startNanos = clock.getAndAdd(TimeUnit.MILLISECONDS.toNanos(20));
        facts.routed(null, 3, "default/shop");
        return facts;
    }

    @Test
    void theNewestComesFirstAndTheOldestGo() {
        RecentRequests recent = recent(3);
        for (int i = 0; i < 10; i++) {
            recent.onRequestEnd(request("/" + i));
        }

        assertThat(recent.latest()).extracting(each -> each.path).containsExactly("/9", "/8", "/7");
    }

    @Test
    void thoseOfAllEventLoopsAreShownByTheirEnds() throws Exception {
        RecentRequests recent = recent(4);
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
        RecentRequests recent = recent(1_000);
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
    void connectionsAreKeptAndCountedByNoRoute() {
        RecentRequests recent = recent(10);
        recent.onConnectionEnd(Facts.connection());
        recent.onRequestEnd(Facts.refused());

        assertThat(recent.latest()).hasSize(2);
    }

    @Test
    void routesAreCountedWhileSomebodyAsks() {
        RecentRequests recent = recent(10);
        TrafficWindow<RecentRequests.RouteKey> traffic = recent.traffic();
        recent.onRequestEnd(request("/before"));
        assertThat(traffic.of(ROUTE)).isNull();
        RequestFacts failed = request("/a");
        failed.status = 503;
        recent.onRequestEnd(failed);
        recent.onRequestEnd(request("/b"));
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));

        assertThat(traffic.of(ROUTE).failureShare()).isEqualTo(0.5);

        clock.addAndGet(TimeUnit.SECONDS.toNanos(61));
        recent.onRequestEnd(request("/nobody/looks"));
        traffic.of(ROUTE);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(traffic.of(ROUTE).perSecond()).isZero();
    }
}
