package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.testing.ConfigurationText;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.net.HostName;
import io.sallyport.policy.Caller;
import io.sallyport.policy.Denial;
import io.sallyport.policy.PolicyBuilder;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.policy.PolicySet;
import io.sallyport.policy.TrustDomains;
import io.sallyport.proxy.RoutingContext;
import io.sallyport.route.RequestPaths;
import io.sallyport.tunnel.TunnelRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `policy/istio-authorization.txt`: what Istio's own tests of AuthorizationPolicies mean, policy by policy and request
/// by request. The verdicts are Istio's, or stricter where the row says why.
class IstioAuthorizationTest {
    private static final String OWN_DOMAIN = "td1";
    private static final String SCHEME = "spiffe://";
    private static final List<String> SOURCES = List.of("principal", "ip", "remote", "to", "port", "sni");

    /// @param domains the aliases of the trust domain
    private record Policies(String name, boolean http, List<String> domains, List<String> documents) {
        PolicySet compile() {
            PolicyBuilder.Kind kind = new PolicyBuilder.Kind(
                    http ? PolicyBuilder.Subject.REQUESTS : PolicyBuilder.Subject.CONNECTIONS,
                    new TrustDomains(OWN_DOMAIN, domains),
                    RequestPaths.DEFAULT.gateway());
            List<AuthorizationPolicy> read =
                    ConfigurationText.read(documents.toArray(String[]::new)).authorizationPolicies();
            return new PolicySet(read.stream()
                    .map(policy -> PolicyCompiler.compile(policy, null, kind))
                    .toList());
        }
    }

    private record Row(Policies policies, String verdict, String request) {
        @Override
        public String toString() {
            return policies.name + ": " + verdict + " " + request;
        }
    }

    static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        Policies current = new Policies("", true, List.of(), List.of());
        for (String line : text().lines().toList()) {
            String[] words = line.split(" ");
            switch (line.isEmpty() ? ';' : line.charAt(0)) {
                case ';' -> {}
                case '=' ->
                    current = new Policies(
                            words[2],
                            words[1].equals("http"),
                            List.of(words).subList(3, words.length),
                            new ArrayList<>());
                case '+' -> current.documents.add(document(words[1], line.substring(line.indexOf('{')), line));
                default -> {
                    String row = line.contains(" # ") ? line.substring(0, line.indexOf(" # ")) : line;
                    rows.add(new Row(current, words[0], row.substring(words[0].length() + 1)));
                }
            }
        }
        return rows;
    }

    private static String document(String name, String spec, String line) {
        int slash = name.indexOf('/');
        String namespace = slash < 0 ? "foo" : name.substring(0, slash);
        String trial = line.contains(" dry-run {") ? ", annotations: {istio.io/dry-run: \"true\"}" : "";
        return "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: %s, namespace: %s%s}, spec: %s}"
                .formatted(name.substring(slash + 1), namespace, trial, spec);
    }

    private static String text() throws IOException {
        try (InputStream in = IstioAuthorizationTest.class.getResourceAsStream("/policy/istio-authorization.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isIstiosVerdict(Row row) throws Exception {
        String[] words = row.request.split(" ");
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : List.of(words).subList(2, words.length)) {
            values.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
        }
        int port = Integer.parseInt(values.getOrDefault("port", "80"));
        PolicyRequest request = row.policies.http
                ? request(words[0], words[1], values).from(caller(values), port)
                : new TunnelRequest(caller(values), port, null);

        assertThat(said(row.policies.compile().judge(request))).isEqualTo(row.verdict);
    }

    private static String said(@Nullable Denial denial) {
        if (denial == null) {
            return "allow";
        }
        return denial.rule() < 0
                ? "none"
                : denial.policy().substring(denial.policy().indexOf('/') + 1) + '[' + denial.rule() + ']';
    }

    private static Caller caller(Map<String, String> values) {
        String principal = values.get("principal");
        boolean spiffe = principal != null && principal.contains("/");
        return new Caller(
                principal == null ? List.of() : List.of(spiffe ? SCHEME + stripped(principal) : principal),
                address(values.getOrDefault("ip", "203.0.113.1")),
                address(values.getOrDefault("remote", "203.0.113.1")),
                address(values.getOrDefault("to", "203.0.113.9")),
                values.getOrDefault("sni", ""));
    }

    /// An identity without a path is written with a slash, to tell it from a DNS name.
    private static String stripped(String principal) {
        return principal.endsWith("/") ? principal.substring(0, principal.length() - 1) : principal;
    }

    private static InetSocketAddress address(String literal) {
        return new InetSocketAddress(literal, 1);
    }

    private static RoutingContext request(String method, String target, Map<String, String> values) throws Exception {
        Headers fields = new Headers();
        values.forEach((name, value) -> {
            if (!SOURCES.contains(name)) {
                fields.add(AsciiString.of(name), value);
            }
        });
        int slash = target.indexOf('/');
        RequestHead head = new RequestHead(
                HttpVersion.HTTP_1_1, method, "http", target.substring(0, slash), target.substring(slash), fields);
        return RoutingContext.of(head, HostName.parse(head.authority), 80, RequestPaths.DEFAULT.gateway(), false);
    }
}
