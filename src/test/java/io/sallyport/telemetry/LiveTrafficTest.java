package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.FastThreadLocalThread;
import io.sallyport.outcome.ClientFacts;
import io.sallyport.outcome.EgressFacts;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.LiveTraffic.DestinationKey;
import io.sallyport.telemetry.LiveTraffic.HostKey;
import io.sallyport.telemetry.LiveTraffic.RouteKey;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LiveTrafficTest {
    private static final RouteKey ROUTE = new RouteKey("default/shop", null, 3);
    private static final HostKey HOST = new HostKey("*.example.com", 80);
    private static final DestinationKey DESTINATION = new DestinationKey("payments.default.svc.cluster.local", "v1");

    private final AtomicLong clock = new AtomicLong(-7);
    private final LiveTraffic live = new LiveTraffic(Scraped.BOUNDS, clock::get);
    private final TrafficWindow<LiveTraffic.Key> window = live.window();

    private RequestFacts request() {
        RequestFacts facts = at(Facts.forwarded());
        facts.routed(null, 3, "default/shop");
        return facts;
    }

    /// The host has it, whatever becomes of it.
    private RequestFacts at(RequestFacts facts) {
        facts.startNanos = clock.getAndAdd(TimeUnit.MILLISECONDS.toNanos(20));
        facts.virtualHost = "*.example.com";
        facts.client = new ClientFacts(null, null, null, null, null, false, false, 80);
        return facts;
    }

    private void pass(int seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void itIsCountedWhileSomebodyAsks() {
        live.onRequestEnd(request());
        assertThat(window.of(ROUTE)).isNull();
        RequestFacts failed = request();
        failed.status = 503;
        live.onRequestEnd(failed);
        live.onRequestEnd(request());
        pass(1);

        assertThat(window.of(ROUTE).failureShare()).isEqualTo(0.5);

        pass(61);
        live.onRequestEnd(request());
        window.of(ROUTE);
        pass(1);
        assertThat(window.of(ROUTE).perSecond()).isZero();
    }

    @Test
    void aHostHasWhatNoRouteTakes() {
        window.of(HOST);
        long begun = clock.get();
        live.onRequestEnd(request());
        live.onRequestEnd(at(Facts.refused()));
        live.onRequestEnd(Facts.refused());
        clock.set(begun + TimeUnit.SECONDS.toNanos(1));

        assertThat(window.of(HOST).perSecond()).isEqualTo(2);
        assertThat(window.of(ROUTE).perSecond()).isEqualTo(1);
        assertThat(window.of(DESTINATION).perSecond()).isEqualTo(1);
        assertThat(window.of(new HostKey("*.example.com", 81)).perSecond()).isZero();
        assertThat(window.of(new DestinationKey(DESTINATION.host(), null)).perSecond())
                .isZero();
    }

    @Test
    void aMeshClientsPortIsTheOneThatItAsksFor() {
        window.of(HOST);
        RequestFacts facts = at(Facts.forwarded());
        facts.client = new ClientFacts(null, null, null, null, null, false, false, 3128);
        facts.egress = new EgressFacts("api.example.com", 443, null, null, null, null);
        live.onRequestEnd(facts);
        pass(1);

        assertThat(window.of(new HostKey("*.example.com", 443)).perSecond()).isPositive();
    }

    @Test
    void theCountsOfAllEventLoopsAreAdded() throws Exception {
        window.of(ROUTE);
        long begun = clock.get();
        for (int i = 0; i < 3; i++) {
            RequestFacts facts = request();
            Thread loop = new FastThreadLocalThread(() -> live.onRequestEnd(facts));
            loop.start();
            loop.join();
        }
        clock.set(begun + TimeUnit.SECONDS.toNanos(1));

        assertThat(window.of(ROUTE).perSecond()).isEqualTo(3);
    }

    @Test
    void connectionsAreNotRequests() {
        window.of(DESTINATION);
        RequestFacts connection = at(Facts.connection());
        live.onConnectionEnd(connection);
        pass(1);

        assertThat(window.of(new DestinationKey(connection.destination.host(), null))
                        .perSecond())
                .isZero();
    }
}
