package io.sallyport.policy;

import io.netty.util.AsciiString;
import io.sallyport.route.RequestPaths;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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

/// Time to judge a request that no policy matches by more than its method and its path. Half of the policies are about
/// its method; all are about clients with an identity, which its client is not.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PolicyBenchmark {
    @Param({"0", "1", "1000"})
    public int policies;

    /// How their rules name paths: one each, a prefix each, or the same prefix, which is the request's, all of them.
    @Param({"/api/v1/orders/%d", "/api/v1/orders/%d/*", "/api/*"})
    public String path;

    private final PolicyRequest request = new Request();
    private PolicySet set = PolicySet.NONE;

    @Setup
    public void compile() {
        var kind = new PolicyBuilder.Kind(
                PolicyBuilder.Subject.REQUESTS,
                new TrustDomains("cluster.local", List.of()),
                RequestPaths.DEFAULT.gateway());
        set = new PolicySet(IntStream.range(0, policies)
                .mapToObj(i -> {
                    var builder = new PolicyBuilder("a/p" + i, "", Policy.Action.DENY, false, null, kind);
                    String number = Integer.toString(i);
                    builder.rule(
                            List.of(List.of(
                                    field(Attribute.SOURCE_PRINCIPAL, "cluster.local/ns/team-" + number + "/sa/*"))),
                            List.of(List.of(
                                    field(Attribute.METHOD, i % 2 == 0 ? "GET" : "DELETE"),
                                    field(Attribute.PATH, path.replace("%d", number)))),
                            List.of());
                    return builder.build();
                })
                .toList());
    }

    private static PolicyBuilder.Field field(Attribute attribute, String value) {
        return new PolicyBuilder.Field(attribute, "", List.of(value), List.of());
    }

    @Benchmark
    public @Nullable Denial judge() {
        return set.judge(request);
    }

    private static final class Request implements PolicyRequest {
        private final Caller caller = new Caller(List.of(), null, null, null, "");

        @Override
        public Caller caller() {
            return caller;
        }

        @Override
        public int policyPort() {
            return 80;
        }

        @Override
        public @Nullable InetSocketAddress remote() {
            return null;
        }

        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String path() {
            return "/api/v1/orders/4711/items";
        }

        @Override
        public int port() {
            return 80;
        }

        @Override
        public String sentAuthority() {
            return "shop.example";
        }

        @Override
        public String host() {
            return "shop.example";
        }

        @Override
        public @Nullable CharSequence header(AsciiString lowerCaseName) {
            return null;
        }
    }
}
