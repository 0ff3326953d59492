package io.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.route.RequestPaths;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Of a thousand policies of the request's method and path that name other clients, hosts or fields, none is asked.
class RuleTableTest {
    private static final int POLICIES = 1_000;
    private static final int LIKE_THE_REQUEST = 700;

    /// Of what the policies name, each the value of its number.
    ///
    /// @param values one or more
    /// @param request to which the policy with its number applies, and no other
    private record Kind(
            String name,
            Attribute attribute,
            String key,
            IntFunction<List<String>> values,
            IntFunction<PolicyRequest> request) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Kind> kinds() {
        return Stream.of(
                named("a principal", Attribute.SOURCE_PRINCIPAL, i -> "cluster.local/ns/team-" + i + "/sa/a"),
                named("all of a namespace", Attribute.SOURCE_PRINCIPAL, i -> "cluster.local/ns/team-" + i + "/*"),
                named("whoever ends so", Attribute.SOURCE_PRINCIPAL, i -> "*/ns/team-" + i + "/sa/a"),
                named("a namespace", Attribute.SOURCE_NAMESPACE, i -> "team-" + i),
                named("an account of many namespaces", Attribute.SOURCE_SERVICE_ACCOUNT, i -> "team-" + i + "/a"),
                new Kind(
                        "an account of one namespace",
                        Attribute.SOURCE_SERVICE_ACCOUNT,
                        "",
                        i -> List.of("one/team-" + i),
                        i -> new AskedRequest().named("spiffe://cluster.local/ns/one/sa/team-" + i)),
                new Kind(
                        "a trust domain",
                        Attribute.SOURCE_TRUST_DOMAIN,
                        "",
                        i -> List.of("team-" + i),
                        i -> new AskedRequest().named("spiffe://team-" + i + "/ns/one/sa/a")),
                new Kind("a peer's address", Attribute.SOURCE_IP, "", i -> List.of(address(i)), i -> new AskedRequest()
                        .at(address(i))),
                new Kind(
                        "the range of a peer's address, or another",
                        Attribute.SOURCE_IP,
                        "",
                        i -> List.of(address(i) + "/32", "172.%d.%d.0/24".formatted(i / 256, i % 256)),
                        i -> new AskedRequest().at("172.%d.%d.9".formatted(i / 256, i % 256))),
                new Kind(
                        "a client's range of IPv6",
                        Attribute.REMOTE_IP,
                        "",
                        i -> List.of("fd00:%x::/32".formatted(i)),
                        i -> new AskedRequest().at("fd00:%x::1".formatted(i))),
                new Kind(
                        "an address of IPv6 that was connected to",
                        Attribute.DESTINATION_IP,
                        "",
                        i -> List.of("fd00::%x".formatted(i)),
                        i -> new AskedRequest().at("fd00::%x".formatted(i))),
                new Kind(
                        "a port", Attribute.DESTINATION_PORT, "", i -> List.of("" + (8000 + i)), i -> new AskedRequest()
                                .port(8000 + i)),
                new Kind(
                        "a server name",
                        Attribute.CONNECTION_SNI,
                        "",
                        i -> List.of("team-" + i + ".example"),
                        i -> new AskedRequest().sni("team-" + i + ".example")),
                new Kind("a host", Attribute.HOST, "", i -> List.of("Team-" + i + ".example"), i -> new AskedRequest()
                        .authority("team-" + i + ".EXAMPLE.:8080")),
                new Kind(
                        "a host with a port",
                        Attribute.HOST,
                        "",
                        i -> List.of("team-" + i + ".example:80"),
                        i -> new AskedRequest().authority("team-" + i + ".example")),
                new Kind(
                        "a header field",
                        Attribute.REQUEST_HEADER,
                        "request.headers[X-Team]",
                        i -> List.of("team-" + i),
                        i -> new AskedRequest().header("team-" + i)),
                token("a token's subject", Attribute.REQUEST_PRINCIPAL, i -> "issuer/team-" + i, "issuer", "team-%d"),
                token("a token's issuer", Attribute.REQUEST_PRINCIPAL, i -> "team-" + i + "/*", "team-%d", "somebody"),
                new Kind(
                        "a claim",
                        Attribute.TOKEN_CLAIM,
                        "request.auth.claims[groups]",
                        i -> List.of("team-" + i),
                        i -> new AskedRequest().claims(Map.of("groups", List.of("all", "team-" + i)))));
    }

    private static Kind named(String name, Attribute attribute, IntFunction<String> value) {
        return new Kind(name, attribute, "", i -> List.of(value.apply(i)), i -> new AskedRequest()
                .named("spiffe://cluster.local/ns/team-" + i + "/sa/a"));
    }

    private static Kind token(
            String name, Attribute attribute, IntFunction<String> value, String issuer, String subject) {
        return new Kind(name, attribute, "", i -> List.of(value.apply(i)), i -> new AskedRequest()
                .claims(Map.of("iss", issuer.formatted(i), "sub", subject.formatted(i))));
    }

    private static String address(int i) {
        return "10.0.%d.%d".formatted(i / 256, i % 256);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void theRuleThatNamesTheRequestIsFoundAndNoOtherIsAsked(Kind kind) {
        PolicySet policies = policies(kind, "/api/*");
        assertThat(policies.judge(kind.request().apply(LIKE_THE_REQUEST)))
                .isEqualTo(Denial.by("a/p" + LIKE_THE_REQUEST, 0));
        AtomicInteger questions = new AtomicInteger();
        assertThat(policies.judge(counted(kind.request().apply(POLICIES), questions)))
                .isNull();
        assertThat(questions).as("what the request was asked for").hasValueLessThan(10);
    }

    /// Where the path leads to few rules, nobody looks at the client; which saves what the look costs.
    @ParameterizedTest
    @MethodSource("kinds")
    void thePathAloneIsLookedAtWhereItLeadsToFewRules(Kind kind) {
        AtomicInteger questions = new AtomicInteger();
        assertThat(policies(kind, "/other/%d/*").judge(counted(kind.request().apply(LIKE_THE_REQUEST), questions)))
                .isNull();
        assertThat(questions).as("method and path, and the path's form").hasValueLessThan(4);
    }

    /// A request whose path can be read in several ways is compared with no more.
    @ParameterizedTest
    @MethodSource("kinds")
    void noMoreAreAskedWhereAPathCanBeReadInSeveralWays(Kind kind) {
        AtomicInteger questions = new AtomicInteger();
        PolicyRequest request = ((AskedRequest) kind.request().apply(POLICIES)).path("/api/a;b/c%2Fd");
        assertThat(policies(kind, "/api/*").judge(counted(request, questions))).isNull();
        assertThat(questions).hasValueLessThan(10);
    }

    /// @param path in which `%d` is the policy's number
    private static PolicySet policies(Kind kind, String path) {
        var builds = new PolicyBuilder.Kind(
                PolicyBuilder.Subject.REQUESTS,
                new TrustDomains("cluster.local", List.of()),
                RequestPaths.DEFAULT.gateway());
        return new PolicySet(IntStream.range(0, POLICIES)
                .mapToObj(i -> {
                    var builder = new PolicyBuilder("a/p" + i, "", Policy.Action.DENY, false, null, builds);
                    var named = new PolicyBuilder.Field(
                            kind.attribute(), kind.key(), kind.values().apply(i), List.of());
                    builder.rule(
                            List.of(),
                            List.of(List.of(
                                    new PolicyBuilder.Field(Attribute.METHOD, "", List.of("GET"), List.of()),
                                    new PolicyBuilder.Field(
                                            Attribute.PATH, "", List.of(path.formatted(i)), List.of()))),
                            List.of(named));
                    return builder.build();
                })
                .toList());
    }

    private static PolicyRequest counted(PolicyRequest request, AtomicInteger questions) {
        return (PolicyRequest) Proxy.newProxyInstance(
                RuleTableTest.class.getClassLoader(), new Class<?>[] {PolicyRequest.class}, (_, method, arguments) -> {
                    questions.incrementAndGet();
                    try {
                        return method.invoke(request, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
