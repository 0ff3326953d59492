package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecentRequestsTest {
    /// Its thread ends when all is taken.
    private static RecentRequests after(int most, RequestFacts... facts) {
        RecentRequests recent = RecentRequests.start(most, Scraped.BOUNDS);
        for (RequestFacts each : facts) {
            recent.onRequestEnd(each);
        }
        recent.close();
        return recent;
    }

    private static RequestFacts request(String path) {
        RequestFacts facts = Facts.forwarded();
        facts.path = path;
        return facts;
    }

    @Test
    void theNewestComesFirstAndTheOldestGo() {
        RequestFacts[] facts =
                IntStream.range(0, 10).mapToObj(i -> request("/" + i)).toArray(RequestFacts[]::new);

        assertThat(after(3, facts).latest()).extracting(each -> each.path).containsExactly("/9", "/8", "/7");
    }

    @Test
    void textsOfClientsAreBounded() {
        String huge = "/" + "x".repeat(1 << 20);
        RequestFacts[] facts =
                IntStream.range(0, 20).mapToObj(i -> request(huge)).toArray(RequestFacts[]::new);

        assertThat(after(1_000, facts).latest()).hasSize(3);
    }

    @Test
    void connectionsAreKeptAndNotCountedByRoute() {
        RecentRequests recent = RecentRequests.start(10, Scraped.BOUNDS);
        recent.onConnectionEnd(Facts.connection());
        recent.onRequestEnd(Facts.refused());
        recent.close();

        assertThat(recent.latest()).hasSize(2);
    }
}
