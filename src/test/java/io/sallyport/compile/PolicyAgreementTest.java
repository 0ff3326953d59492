package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Condition;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Source;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.jwt.Claims;
import io.sallyport.net.HostName;
import io.sallyport.policy.Caller;
import io.sallyport.policy.Denial;
import io.sallyport.policy.PolicyBuilder;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.policy.PolicySet;
import io.sallyport.policy.TrustDomains;
import io.sallyport.route.RequestPaths;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The compiled policies and [PolicyReference] say the same of random policies and requests.
class PolicyAgreementTest {
    private static final int SETS = 1_000;
    private static final int LARGE_SETS = 150;
    private static final int REQUESTS = 200;
    private static final int SOURCE_FIELDS = 7;
    private static final int CONDITIONS = 15;
    private static final List<String> DOMAINS = List.of("td1", "old-td");
    private static final Position AT = new Position("policies.yaml", 1, 1);

    private static final List<String> PATHS = List.of(
            "/",
            "/a",
            "/a/b",
            "/a/b/c",
            "/ab",
            "/a%2Fb",
            "/a%5Cb",
            "/a;x=1",
            "/a;x/b",
            "/a%3Bx/b",
            "//a",
            "/a//b",
            "/A",
            "/a/b%2Fc;v=1//d",
            "/b/a",
            "/a/",
            "/a%3Ab",
            "/a:b",
            "/a%40b;x",
            "/a%5Bb",
            "/a%3Bb;x");
    private static final List<String> PATH_VALUES = List.of(
            "/",
            "/a",
            "/a/b",
            "/a/*",
            "/a*",
            "*/b",
            "*",
            "/a/{*}",
            "/a/{**}",
            "/{*}/b",
            "/a/b/c",
            "/a;x=1",
            "/a%2Fb",
            "/a/{**}/d",
            "/b*",
            "*a",
            "/a:b",
            "/a%3Ab",
            "*:b",
            "/a%3A*",
            "/a@*",
            "/a;b",
            "/a[{*}",
            "*[b");
    private static final List<String> NAMES = List.of(
            "spiffe://td1/ns/prod/sa/billing",
            "spiffe://old-td/ns/prod/sa/billing",
            "spiffe://cluster.local/ns/prod/sa/billing",
            "spiffe://other/ns/dev/sa/web",
            "spiffe://td1/ns/prod/x/sa/billing/y",
            "spiffe://billing.myapp.com",
            "billing.example",
            "https://a/ns/prod/b",
            "spiffe://td1/ns/dev/ns/prod/sa/web/sa/billing",
            "spiffe://td1/ns/prod//sa/billing",
            "spiffe://other/ns/team/sa/billing");
    private static final List<String> PRINCIPALS = List.of(
            "*",
            "td1/ns/prod/sa/billing",
            "cluster.local/ns/prod/sa/billing",
            "old-td/*",
            "*/sa/billing",
            "*-td/ns/prod/sa/billing",
            "other/ns/dev/sa/web",
            "billing.myapp.com",
            "billing.example",
            "*web");
    private static final List<String> NAMESPACES = List.of("prod", "dev", "p*", "*", "prod/x", "*od", "team");
    private static final List<String> ACCOUNTS =
            List.of("billing", "prod/billing", "dev/web", "web", "team/billing", "dev/billing");
    private static final List<String> TRUST = List.of("td1", "*", "old*", "*td1", "cluster.local", "other");
    private static final List<String> ADDRESSES = List.of(
            "10.1.2.3", "10.9.0.1", "192.168.0.7", "172.16.0.1", "fd00::1", "fd00:0:0:1::1", "2001:db8::a01:203");
    private static final List<String> RANGES = List.of(
            "10.0.0.0/8",
            "10.1.2.3",
            "192.168.0.0/16",
            "0.0.0.0/0",
            "10.1.2.99/24",
            "172.16.0.0/12",
            "fd00::/8",
            "fd00::/64",
            "fd00::1",
            "::/0",
            "2001:db8::a01:0/112",
            "a00::/8");
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "get", "Post");
    private static final List<String> METHOD_VALUES = List.of("GET", "POST", "P*", "*T", "*", "get", "pOST", "p*");
    private static final List<String> AUTHORITIES =
            List.of("a.com", "A.com", "a.com.", "a.com:80", "a.com:8080", "a.com.:8080", "b.com", "x.a.com");
    private static final List<String> HOSTS =
            List.of("a.com", "A.COM", "a.com:8080", "*.com", "a.*", "*", "b.com", "a.com.");
    private static final List<String> SNIS = List.of("", "a.com", "b.com");
    private static final List<String> SNI_VALUES = List.of("a.com", "*.com", "*", "b*");
    private static final List<String> HEADER_VALUES = List.of("", "1", "10", "v1");
    private static final List<String> HEADER_MATCHES = List.of("1", "1*", "*1", "*", "v1");
    private static final List<String> ISSUERS = List.of("https://i.test", "i", "https://i.test/a", "");
    private static final List<String> SUBJECTS = List.of("alice", "bob", "a*", "");
    private static final List<String> REQUEST_PRINCIPALS = List.of(
            "*",
            "https://i.test/alice",
            "https://i.test/*",
            "https://i.test/a/bob",
            "https://i.test/a*",
            "*/alice",
            "*.test/bob",
            "*ice",
            "i/*",
            "https:*",
            "i",
            "i/",
            "*/*",
            "*i/a*");
    private static final List<Object> TEXTS =
            List.of("admins", "users", "", List.of("admins", "users"), List.of(), List.of("a", 1L), 7L, true, Map.of());
    private static final List<String> TEXT_VALUES = List.of("admins", "adm*", "*s", "*", "7", "true", "a", "users");
    private static final List<String> PORTS = List.of("80", "8080", "443");

    private static final Values NONE = new Values(List.of(), List.of());

    private Random random = new Random();

    /// Two of the seeds are for connections, two for requests.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theCompiledPoliciesSayWhatTheReferenceSays(long seed) {
        random = new Random(seed);
        agree(seed % 2 == 0, SETS / 2, () -> some(1 + random.nextInt(4), () -> policy(this::rule)));
    }

    /// So many that tables by their clients, hosts and fields are made of them, with values that several of them name.
    @ParameterizedTest
    @ValueSource(longs = {5, 6, 7, 8})
    void manyPoliciesDoSoToo(long seed) {
        random = new Random(seed);
        agree(seed % 2 == 0, LARGE_SETS, () -> {
            Supplier<Rule> rule = random.nextInt(4) == 0 ? this::narrowRule : alikeRules();
            return some(6 + random.nextInt(20), () -> policy(rule));
        });
    }

    private void agree(boolean http, int sets, Supplier<List<AuthorizationPolicy>> make) {
        PolicyBuilder.Kind kind = new PolicyBuilder.Kind(
                http ? PolicyBuilder.Subject.REQUESTS : PolicyBuilder.Subject.CONNECTIONS,
                new TrustDomains("td1", List.of("old-td")),
                RequestPaths.DEFAULT.gateway());
        for (int set = 0; set < sets; set++) {
            List<AuthorizationPolicy> policies = make.get();
            PolicySet compiled = new PolicySet(policies.stream()
                    .sorted(Comparator.comparing(policy -> policy.meta().qualifiedName()))
                    .map(policy -> PolicyCompiler.compile(policy, null, kind))
                    .toList());
            PolicyReference reference = new PolicyReference(policies, http, DOMAINS);
            for (int i = 0; i < REQUESTS; i++) {
                PolicyReference.Asked asked = asked();
                assertThat(said(compiled.judge(new Request(asked, http))))
                        .as("%s of %s", asked, policies)
                        .isEqualTo(reference.denial(asked));
            }
        }
    }

    private static @Nullable String said(@Nullable Denial denial) {
        return denial == null ? null : denial.rule() < 0 ? "none" : denial.policy() + "[" + denial.rule() + "]";
    }

    private AuthorizationPolicy policy(Supplier<Rule> rule) {
        String name = "p" + random.nextInt(1_000_000);
        String namespace = one(List.of("prod", "dev"));
        Map<String, String> annotations = random.nextInt(8) == 0 ? Map.of("istio.io/dry-run", "true") : Map.of();
        Action action = one(List.of(Action.ALLOW, Action.ALLOW, Action.DENY, Action.DENY, Action.AUDIT));
        List<Rule> rules =
                some(random.nextInt(action == Action.ALLOW ? 3 : 2) + (action == Action.ALLOW ? 0 : 1), rule);
        return new AuthorizationPolicy(
                new ResourceMeta(
                        ResourceKind.AUTHORIZATION_POLICY,
                        "security.istio.io/v1",
                        name,
                        namespace,
                        Map.of(),
                        annotations,
                        AT),
                null,
                List.of(),
                action,
                "",
                rules);
    }

    private Rule rule() {
        return new Rule(
                some(random.nextInt(3), this::source),
                some(random.nextInt(3), this::operation),
                some(random.nextInt(4) / 2, this::condition),
                AT);
    }

    /// Of one or two fields, so that many match.
    private Rule narrowRule() {
        return switch (random.nextInt(4)) {
            case 0 -> new Rule(some(1 + random.nextInt(2), this::narrowSource), List.of(), List.of(), AT);
            case 1 -> new Rule(List.of(), some(1 + random.nextInt(2), this::narrowOperation), List.of(), AT);
            case 2 -> new Rule(List.of(), List.of(), some(1 + random.nextInt(2), this::condition), AT);
            default -> new Rule(List.of(narrowSource()), List.of(narrowOperation()), List.of(), AT);
        };
    }

    /// One path and one field for all, of which the first that matches decides.
    private Supplier<Rule> alikeRules() {
        int field = random.nextInt(SOURCE_FIELDS + 2 + CONDITIONS);
        boolean exact = random.nextInt(4) > 0;
        Function<List<String>, Values> some = from -> new Values(
                some(1 + random.nextInt(2), () -> one(from)).stream()
                        .filter(value -> !exact || value.indexOf('*') < 0)
                        .toList(),
                List.of());
        Function<List<String>, Values> values = from -> Stream.generate(() -> some.apply(from))
                .filter(each -> !each.any().isEmpty())
                .findFirst()
                .orElseThrow();
        Values path = new Values(List.of("/a*"), List.of());
        if (field < SOURCE_FIELDS) {
            Operation operation = new Operation(NONE, NONE, NONE, path, AT);
            return () -> new Rule(List.of(source(field, values)), List.of(operation), List.of(), AT);
        }
        if (field < SOURCE_FIELDS + 2) {
            boolean hosts = field == SOURCE_FIELDS;
            return () -> new Rule(
                    List.of(),
                    List.of(new Operation(
                            hosts ? values.apply(HOSTS) : NONE, hosts ? NONE : values.apply(PORTS), NONE, path, AT)),
                    List.of(),
                    AT);
        }
        return () -> new Rule(List.of(), List.of(), List.of(condition(field - SOURCE_FIELDS - 2, values)), AT);
    }

    private Source narrowSource() {
        return source(random.nextInt(SOURCE_FIELDS), this::certain);
    }

    private static Source source(int field, Function<List<String>, Values> values) {
        return new Source(
                field == 0 ? values.apply(PRINCIPALS) : NONE,
                field == 1 ? values.apply(REQUEST_PRINCIPALS) : NONE,
                field == 2 ? values.apply(NAMESPACES) : NONE,
                field == 3 ? values.apply(ACCOUNTS) : NONE,
                field == 4 ? values.apply(TRUST) : NONE,
                field == 5 ? values.apply(RANGES) : NONE,
                field == 6 ? values.apply(RANGES) : NONE,
                AT);
    }

    private Operation narrowOperation() {
        int field = random.nextInt(5);
        return new Operation(
                field < 2 ? certain(HOSTS) : NONE,
                field == 2 ? certain(PORTS) : NONE,
                field == 3 ? certain(METHOD_VALUES) : NONE,
                field == 4 ? certain(PATH_VALUES) : NONE,
                AT);
    }

    private Source source() {
        return new Source(
                values(PRINCIPALS),
                values(REQUEST_PRINCIPALS),
                values(NAMESPACES),
                values(ACCOUNTS),
                values(TRUST),
                values(RANGES),
                values(RANGES),
                AT);
    }

    private Operation operation() {
        return new Operation(values(HOSTS), values(PORTS), values(METHOD_VALUES), values(PATH_VALUES), AT);
    }

    private Condition condition() {
        return condition(random.nextInt(CONDITIONS), this::certain);
    }

    private static Condition condition(int key, Function<List<String>, Values> values) {
        return switch (key) {
            case 0 -> new Condition("source.principal", values.apply(PRINCIPALS), AT);
            case 1 -> new Condition("source.namespace", values.apply(NAMESPACES), AT);
            case 2 -> new Condition("source.serviceAccount", values.apply(ACCOUNTS), AT);
            case 3 -> new Condition("source.trustDomain", values.apply(TRUST), AT);
            case 4 -> new Condition("source.ip", values.apply(RANGES), AT);
            case 5 -> new Condition("remote.ip", values.apply(RANGES), AT);
            case 6 -> new Condition("destination.ip", values.apply(RANGES), AT);
            case 7 -> new Condition("destination.port", values.apply(PORTS), AT);
            case 8 -> new Condition("connection.sni", values.apply(SNI_VALUES), AT);
            case 9 -> new Condition("request.auth.principal", values.apply(REQUEST_PRINCIPALS), AT);
            case 10 -> new Condition("request.auth.audiences", values.apply(TEXT_VALUES), AT);
            case 11 -> new Condition("request.auth.presenter", values.apply(TEXT_VALUES), AT);
            case 12 -> new Condition("request.auth.claims[groups]", values.apply(TEXT_VALUES), AT);
            case 13 -> new Condition("request.auth.claims[org][unit]", values.apply(TEXT_VALUES), AT);
            default -> new Condition("request.headers[X-Version]", values.apply(HEADER_MATCHES), AT);
        };
    }

    /// Most fields are absent.
    private Values values(List<String> from) {
        return random.nextInt(4) == 0 ? certain(from) : NONE;
    }

    private Values certain(List<String> from) {
        boolean negated = random.nextInt(3) == 0;
        List<String> any = negated ? List.of() : some(1 + random.nextInt(2), () -> one(from));
        List<String> none =
                negated || random.nextInt(5) == 0 ? some(1 + random.nextInt(2), () -> one(from)) : List.of();
        return new Values(any, none);
    }

    private PolicyReference.Asked asked() {
        return new PolicyReference.Asked(
                some(random.nextInt(3), () -> one(NAMES)),
                one(ADDRESSES),
                one(ADDRESSES),
                one(ADDRESSES),
                Integer.parseInt(one(PORTS)),
                one(SNIS),
                one(METHODS),
                one(PATHS),
                one(AUTHORITIES),
                random.nextBoolean() ? Map.of() : new HashMap<>(Map.of("x-version", one(HEADER_VALUES))),
                random.nextInt(3) == 0 ? Map.of() : claims());
    }

    /// Most have most.
    private Map<String, Object> claims() {
        Map<String, Object> claims = new HashMap<>();
        claims.put("iss", one(ISSUERS));
        claims.put("sub", one(SUBJECTS));
        claims.put("aud", one(TEXTS));
        claims.put("azp", one(TEXTS));
        claims.put("groups", one(TEXTS));
        claims.put("org", random.nextInt(4) == 0 ? one(TEXTS) : Map.of("unit", one(TEXTS)));
        claims.keySet().removeIf(_ -> random.nextInt(6) == 0);
        return claims;
    }

    private <T> T one(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private static <T> List<T> some(int count, Supplier<T> make) {
        List<T> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(make.get());
        }
        return made;
    }

    /// The same question as the product is asked it.
    private record Request(PolicyReference.Asked asked, boolean http) implements PolicyRequest {
        @Override
        public Caller caller() {
            return new Caller(
                    asked.names(), socket(asked.peer()), socket(asked.remote()), socket(asked.local()), asked.sni());
        }

        private static InetSocketAddress socket(String address) {
            return new InetSocketAddress(address, 1);
        }

        @Override
        public int policyPort() {
            return asked.port();
        }

        @Override
        public InetSocketAddress remote() {
            return socket(asked.remote());
        }

        @Override
        public String method() {
            return http ? asked.method() : "";
        }

        @Override
        public String path() {
            return http ? asked.path() : "";
        }

        @Override
        public int port() {
            return asked.port();
        }

        @Override
        public String sentAuthority() {
            return http ? asked.authority() : "";
        }

        @Override
        public String host() {
            return http ? HostName.parse(asked.authority()).host() : "";
        }

        @Override
        public Claims claims() {
            return http ? Claims.of(asked.claims()) : Claims.NONE;
        }

        @Override
        public @Nullable CharSequence header(AsciiString lowerCaseName) {
            return http ? asked.headers().get(lowerCaseName.toString()) : null;
        }
    }
}
