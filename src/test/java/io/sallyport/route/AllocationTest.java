package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sallyport.net.HostName;
import io.sallyport.net.TestRequest;
import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What runs for every request leaves nothing for the garbage collector.
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 10_000;

    private static Object sink;

    private static long bytesPerRound(Runnable work) {
        for (int i = 0; i < ROUNDS; i++) {
            work.run();
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            work.run();
        }
        return (THREADS.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
    }

    @Test
    void aLookUpOfHostAndRouteAllocatesNothing() {
        List<Route> routes = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            RouteMatch.Builder match = RouteMatch.builder()
                    .uri(i % 2 == 0 ? new Prefix("/p" + i, i % 4 == 0) : new Exact("/e" + i, i % 4 == 1))
                    .method(new Exact("GET"))
                    .header("x-user", new Exact("jason"));
            routes.add(new Route(new RouteId("ns/vs", null, i), List.of(match.build()), Forward.to("c")));
        }
        HostIndex.Builder<RouteIndex> hosts = HostIndex.builder();
        hosts.add("*.foo.com", RouteIndex.of(routes));
        RouteTable table = new RouteTable(hosts.build());
        TestRequest prefix = TestRequest.get("/P500/x").withHost("a.b.foo.com").withHeader("x-user", "jason");
        TestRequest exact = TestRequest.get("/e999").withHost("a.foo.com").withHeader("x-user", "jason");

        assertThat(table.find(prefix)).isNotNull();
        assertThat(table.find(exact)).isNotNull();
        assertThat(bytesPerRound(() -> {
                    sink = table.find(prefix);
                    sink = table.find(exact);
                }))
                .isZero();
    }

    @Test
    void aCanonicalTargetCostsNoMoreThanItsResult() {
        PathNormalizer normalizer = new PathNormalizer(PathNormalization.MERGE_SLASHES, EncodedSlashes.KEEP);

        assertThat(bytesPerRound(() -> sink = normalizer.normalize("/api/v1/orders/12345")))
                .isLessThanOrEqualTo(32);
    }

    @Test
    void aCanonicalHostCostsNoMoreThanItsResult() {
        assertThat(bytesPerRound(() -> sink = HostName.parse("payments.example.com")))
                .isLessThanOrEqualTo(32);
    }
}
