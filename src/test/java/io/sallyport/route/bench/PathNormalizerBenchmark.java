package io.sallyport.route.bench;

import io.sallyport.net.HostName;
import io.sallyport.route.EncodedSlashes;
import io.sallyport.route.PathNormalization;
import io.sallyport.route.PathNormalizer;
import io.sallyport.route.RequestTarget;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Time to make paths and hosts canonical.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PathNormalizerBenchmark {
    private final PathNormalizer normalizer = new PathNormalizer(PathNormalization.MERGE_SLASHES, EncodedSlashes.KEEP);
    private String canonical = "/api/v1/resource-4711/items/42";
    private String query = "/api/v1/resource-4711/items/42?page=2&size=100";
    private String twisted = "/api/./v1//resource-%34711/x/../items/caf%c3%a9";
    private String hostile = "/static/..%2f..%2f..%2fetc/passwd";
    private String host = "payments.apps.example.com";
    private String hostAndPort = "Payments.apps.example.com:8443";

    @Benchmark
    public RequestTarget canonical() {
        return normalizer.normalize(canonical);
    }

    @Benchmark
    public RequestTarget withQuery() {
        return normalizer.normalize(query);
    }

    @Benchmark
    public RequestTarget twisted() {
        return normalizer.normalize(twisted);
    }

    @Benchmark
    public RequestTarget refused() {
        return normalizer.normalize(hostile);
    }

    @Benchmark
    public HostName host() {
        return HostName.parse(host);
    }

    @Benchmark
    public HostName hostAndPort() {
        return HostName.parse(hostAndPort);
    }
}
