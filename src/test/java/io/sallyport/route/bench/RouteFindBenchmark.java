package io.sallyport.route.bench;

import io.sallyport.net.HostName;
import io.sallyport.route.EncodedSlashes;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.PathNormalization;
import io.sallyport.route.PathNormalizer;
import io.sallyport.route.RouteTable;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Time to find a route, for requests spread evenly over all hosts and routes.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RouteFindBenchmark {
    private static final int REQUESTS = 1 << 13;

    /// Hosts x routes of each.
    @Param({"10x10", "10000x10", "100000x1", "1x10000"})
    public String shape;

    @Param({"exact", "prefix"})
    public String kind;

    private final PathNormalizer normalizer = new PathNormalizer(PathNormalization.MERGE_SLASHES, EncodedSlashes.KEEP);
    private final BenchRequest[] requests = new BenchRequest[REQUESTS];
    private final byte[][] hosts = new byte[REQUESTS][];
    private final byte[][] paths = new byte[REQUESTS][];
    private RouteTable table;
    private int next;

    @Setup
    public void build() {
        int by = shape.indexOf('x');
        int hostCount = Integer.parseInt(shape.substring(0, by));
        int routeCount = Integer.parseInt(shape.substring(by + 1));
        table = Tables.of(hostCount, routeCount, kind);
        Random random = new Random(1);
        for (int i = 0; i < REQUESTS; i++) {
            String host = Tables.host(random.nextInt(hostCount));
            String path = Tables.path(random.nextInt(routeCount), kind);
            requests[i] = new BenchRequest(host, path);
            hosts[i] = host.getBytes(StandardCharsets.ISO_8859_1);
            paths[i] = path.getBytes(StandardCharsets.ISO_8859_1);
            if (table.find(requests[i]) == null) {
                throw new IllegalStateException("no route for " + requests[i]);
            }
        }
    }

    /// The look-up alone.
    @Benchmark
    public MatchedRoute find() {
        return table.find(requests[next++ & REQUESTS - 1]);
    }

    /// From the bytes of Host and path to the route: strings, canonical host and path, look-up.
    @Benchmark
    public MatchedRoute parseAndFind() {
        int i = next++ & REQUESTS - 1;
        String host = HostName.parse(new String(hosts[i], StandardCharsets.ISO_8859_1))
                .host();
        String path = normalizer
                .normalize(new String(paths[i], StandardCharsets.ISO_8859_1))
                .path();
        return table.find(new BenchRequest(host, path));
    }
}
