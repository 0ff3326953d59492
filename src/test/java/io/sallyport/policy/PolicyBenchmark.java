package io.sallyport.policy;

import io.sallyport.route.RequestPaths;
import java.util.List;
import java.util.Map;
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
/// its method; all are about others than its client, which has what they name, and another value of it.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PolicyBenchmark {
    private static final String PRINCIPALS = "cluster.local/ns/team-%1$d/sa/a";

    @Param({"0", "1", "1000"})
    public int policies;

    /// How their rules name paths: one each, a prefix each, or the same prefix, which is the request's, all of them.
    @Param({"/api/v1/orders/%d", "/api/v1/orders/%d/*", "/api/*"})
    public String path;

    @Param({
        "NOBODY",
        "PRINCIPAL",
        "PREFIX",
        "NAMESPACE",
        "ACCOUNT",
        "PEER",
        "REMOTE",
        "REMOTE_6",
        "HOST",
        "PORT",
        "HEADER",
        "SUBJECT",
        "CLAIM"
    })
    public Client client;

    /// What the policies name, and the request has.
    public enum Client {
        /// Principals, and a client without a certificate.
        NOBODY(Attribute.SOURCE_PRINCIPAL, PRINCIPALS, new AskedRequest()),
        PRINCIPAL(Attribute.SOURCE_PRINCIPAL, PRINCIPALS, identified()),
        PREFIX(Attribute.SOURCE_PRINCIPAL, "cluster.local/ns/team-%1$d/sa/*", identified()),
        NAMESPACE(Attribute.SOURCE_NAMESPACE, "team-%1$d", identified()),
        ACCOUNT(Attribute.SOURCE_SERVICE_ACCOUNT, "team-%1$d/a", identified()),
        PEER(Attribute.SOURCE_IP, "10.%2$d.%3$d.0/24", new AskedRequest().at("192.168.10.11")),
        REMOTE(Attribute.REMOTE_IP, "10.%2$d.%3$d.0/24", new AskedRequest().at("192.168.10.11")),
        REMOTE_6(Attribute.REMOTE_IP, "fd00:%1$d::/64", new AskedRequest().at("fd01::1")),
        HOST(Attribute.HOST, "shop-%1$d.example", new AskedRequest()),
        PORT(Attribute.DESTINATION_PORT, "1%1$03d", new AskedRequest()),
        HEADER(Attribute.REQUEST_HEADER, "team-%1$d", new AskedRequest().header("team-none")),
        SUBJECT(Attribute.REQUEST_PRINCIPAL, "https://issuer.example/team-%1$d", token()),
        CLAIM(Attribute.TOKEN_CLAIM, "team-%1$d", token());

        private final Attribute attribute;
        private final String value;
        private final AskedRequest request;

        Client(Attribute attribute, String value, AskedRequest request) {
            this.attribute = attribute;
            this.value = value;
            this.request = request;
        }

        private static AskedRequest identified() {
            return new AskedRequest().named("spiffe://cluster.local/ns/other/sa/b");
        }

        private static AskedRequest token() {
            return new AskedRequest().claims(Map.of("iss", "https://issuer.example", "sub", "other", "team", "other"));
        }

        private String key() {
            return switch (this) {
                case HEADER -> "request.headers[x-team]";
                case CLAIM -> "request.auth.claims[team]";
                default -> "";
            };
        }
    }

    private PolicyRequest request = new AskedRequest();
    private PolicySet set = PolicySet.NONE;

    @Setup
    public void compile() {
        request = client.request;
        var kind = new PolicyBuilder.Kind(
                PolicyBuilder.Subject.REQUESTS,
                new TrustDomains("cluster.local", List.of()),
                RequestPaths.DEFAULT.gateway());
        set = new PolicySet(IntStream.range(0, policies)
                .mapToObj(i -> {
                    var builder = new PolicyBuilder("a/p" + i, "", Policy.Action.DENY, false, null, kind);
                    builder.rule(
                            List.of(),
                            List.of(List.of(
                                    field(Attribute.METHOD, "", i % 2 == 0 ? "GET" : "DELETE"),
                                    field(Attribute.PATH, "", path.formatted(i)))),
                            List.of(field(
                                    client.attribute, client.key(), client.value.formatted(i, i / 256, i % 256))));
                    return builder.build();
                })
                .toList());
    }

    private static PolicyBuilder.Field field(Attribute attribute, String key, String value) {
        return new PolicyBuilder.Field(attribute, key, List.of(value), List.of());
    }

    @Benchmark
    public @Nullable Denial judge() {
        return set.judge(request);
    }
}
