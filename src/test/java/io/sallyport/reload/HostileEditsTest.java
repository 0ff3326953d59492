package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.LoadOptions;
import io.sallyport.reload.ConfigurationSource.Read;
import io.sallyport.testing.Yaml;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Faults and edits after which something could be served that what is meant and what was served both deny.
class HostileEditsTest extends IsolatedReads {
    private static final String DENY_A = policy("action: DENY\nrules: [{to: [{operation: {hosts: [a.example]}}]}]");
    private static final String UNKNOWN_FIELD = "spek: {}\nspec:";

    private static String policy(String spec) {
        return Yaml.security("AuthorizationPolicy", "default", "who", spec);
    }

    private static String any(String host) {
        return Yaml.virtualService(host, "- {name: any, directResponse: {status: 200}}");
    }

    private static String faulty(String yaml) {
        return yaml.replace("spec:", UNKNOWN_FIELD);
    }

    /// What a fault adds at the end moves nothing else: what can be read is equal to what was served.
    @Test
    void whatHasAFieldTooManyAtItsEndIsHeld() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("policy.yaml", DENY_A);
        files.put("a.yaml", route("a.example", "one"));
        files.put("b.yaml", route("b.example", "two"));
        serve();
        files.put("policy.yaml", DENY_A.replace("---", "  wrong: 1\n---"));
        files.put("b.yaml", route("b.example", "two").replace("---", "  wrong: 1\n---"));

        Read read = serve();

        assertThat(faults())
                .isEqualTo("AuthorizationPolicy default/who held 1, VirtualService default/vs-b-example held 1");
        assertThat(explain(read, "http://a.example/")).contains("403");
        assertThat(explain(read, "http://b.example/")).contains("two");
    }

    /// From a file of its own to one that has been served, and is broken by that.
    @ParameterizedTest
    @ValueSource(strings = {"", "nothing.example"})
    void whatIsMovedIntoAFileThatBreaksIsHeld(String left) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put("b.yaml", route("b.example", "two"));
        String rest = left.isEmpty() ? "" : route(left, "rest");
        files.put("policy.yaml", rest + DENY_A);
        serve();
        files.put("policy.yaml", rest);
        if (rest.isEmpty()) {
            files.remove("policy.yaml");
        }
        files.put("b.yaml", route("b.example", "two") + DENY_A.replace("rules: [", "rules: [["));

        Read read = serve();

        assertThat(explain(read, "http://a.example/")).contains("403");
        assertThat(explain(read, "http://b.example/")).contains("two");
        assertThat(explain(serve("b.yaml", route("b.example", "two")), "http://a.example/"))
                .contains("one");
    }

    /// The documents before the break can be read, and are what was served from the file's other name.
    @ParameterizedTest
    @CsvSource({
        "'x: [\n', copied", "'x: [\n', renamed", "'x: [\n', broken and renamed",
        "'\tx: 1\n', copied", "'\tx: 1\n', renamed", "'\tx: 1\n', broken and renamed",
        "'kind: VirtualServce\n', copied", "'kind: VirtualServce\n', renamed",
                "'kind: VirtualServce\n', broken and renamed",
    })
    void aFileThatIsRenamedAndBreaksIsHeld(String broken, String how) {
        String all = Yaml.httpGateway("*") + DENY_A + route("a.example", "one") + route("b.example", "two");
        files.put("one.yaml", all);
        serve();
        switch (how) {
            case "copied" -> serve("two.yaml", all + broken);
            case "broken and renamed" -> serve("one.yaml", all + broken);
            default -> {}
        }
        files.remove("one.yaml");
        Read read = serve("two.yaml", all + broken);

        assertThat(explain(read, "http://a.example/")).contains("403");
        assertThat(explain(read, "http://b.example/")).contains("two");
        assertThat(faults())
                .isEqualTo(
                        "AuthorizationPolicy default/who held 1, File two.yaml left-out 0, Gateway default/edge held 1,"
                                + " VirtualService default/vs-a-example held 1, VirtualService default/vs-b-example held 1");

        // What is mended in the file goes its own way again.
        assertThat(explain(serve("two.yaml", all.replace(DENY_A, "")), "http://a.example/"))
                .contains("one");
        assertThat(faults()).isEmpty();
    }

    @Test
    void whatMayBeInAFileThatCannotBeOpenedIsHeld() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put("policy.yaml", DENY_A);
        serve();
        files.remove("policy.yaml");
        unreadable.add("renamed.yaml");

        assertThat(explain(serve(), "http://a.example/")).contains("403");

        unreadable.clear();
        assertThat(explain(serve(), "http://a.example/")).contains("one");
    }

    /// What was denied from the first start on is denied until it is mended, whatever else is edited meanwhile.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEditElsewhereOpensNothingThatWasClosed(boolean restarted, @TempDir Path state) {
        if (restarted) {
            source = source.keepingIn(state, LoadOptions.DEFAULT);
        }
        files.put("edge.yaml", Yaml.httpGateway("*") + any("*.example"));
        String hidden = route("a.example", "one").replace("hosts: [", "hosts: [[");
        String unknown = route("b.example", "two").replace("hosts: [\"b.example\"]", "hosts: 7");
        for (String text : new String[] {hidden, unknown}) {
            files.put("a.yaml", text);
            assertThat(explain(serve(), "http://other.example/")).contains("403");
        }
        files.put("x.yaml", route("x.example", "x"));
        if (restarted) {
            source = source.keepingIn(state, LoadOptions.DEFAULT);
        }

        Read read = serve();

        assertThat(explain(read, "http://other.example/")).contains("403");
        assertThat(explain(read, "http://x.example/")).contains("\"x\"");
        assertThat(explain(serve("a.yaml", route("a.example", "one")), "http://other.example/"))
                .contains("any");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void norWhatAFileMayDenyThatCouldNeverBeOpened(boolean restarted, @TempDir Path state) {
        if (restarted) {
            source = source.keepingIn(state, LoadOptions.DEFAULT);
        }
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        unreadable.add("c.yaml");
        assertThat(explain(serve(), "http://a.example/")).contains("403");
        files.put("x.yaml", route("x.example", "x"));
        if (restarted) {
            source = source.keepingIn(state, LoadOptions.DEFAULT);
        }

        assertThat(explain(serve(), "http://a.example/")).contains("403");

        unreadable.clear();
        assertThat(explain(serve("c.yaml", DENY_A), "http://a.example/")).contains("403");
        assertThat(explain(serve("c.yaml", "# nothing\n" + route("c.example", "c")), "http://a.example/"))
                .contains("one");
    }

    /// The file that has it breaks before it, and has been served but for it.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsLeftOutIsStillWhenNobodyCanReadIt(boolean restarted, @TempDir Path state) {
        source = source.keepingIn(state, LoadOptions.DEFAULT);
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one") + Yaml.service("up.internal", 9));
        String b = route("b.example", "two") + Yaml.forwardAll("c.example", "up.internal");
        files.put("b.yaml", b);
        serve();
        String rule = rule("host: up.internal", "{tls: {mode: SIMPLE}}").replace(", namespace: prod", "");
        assertThat(explain(serve("b.yaml", b + faulty(DENY_A) + faulty(rule)), "http://a.example/"))
                .contains("403");
        if (restarted) {
            source = source.keepingIn(state, LoadOptions.DEFAULT);
        }
        files.put("b.yaml", b + DENY_A.replace("rules: [", "rules: [[") + rule);

        Read read = serve();

        assertThat(explain(read, "http://a.example/")).contains("403");
        assertThat(read.plan().clusters()).isEmpty();
        assertThat(explain(serve("b.yaml", b), "http://a.example/")).contains("one");
    }

    @Test
    void norWhatOneOfTwoPoliciesOfOneNameDenies() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put("p.yaml", policy("rules: [{}]"));
        files.put("q.yaml", DENY_A);
        assertThat(explain(serve(), "http://a.example/")).contains("403");

        assertThat(explain(serve("x.yaml", route("x.example", "x")), "http://a.example/"))
                .contains("403");

        files.remove("q.yaml");
        assertThat(explain(serve(), "http://a.example/")).contains("one");
    }

    @Test
    void whatHasErrorsInTwoFilesCostsNobodyElse() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("b.example", "two"));
        files.put("p.yaml", faulty(route("a.example", "one")) + faulty(Yaml.service("up.internal", 9)));
        files.put("q.yaml", faulty(route("a.example", "one")) + faulty(Yaml.service("up.internal", 9)));

        assertThat(explain(serve(), "http://b.example/")).contains("two");
    }

    @Test
    void theRoutesOfWhatIsLeftOutDoNotFallToAnotherOneOfItsHost() {
        String admin =
                Yaml.virtualService("a.example", "- {match: [{uri: {prefix: /admin}}], directResponse: {status: 403}}");
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("a.yaml", faulty(named(admin, "aaa")));
        files.put("b.yaml", named(route("a.example", "app"), "bbb"));

        Read read = serve();

        assertThat(explain(read, "http://a.example/admin")).contains("404").doesNotContain("\"app\"");
        assertThat(explain(read, "http://a.example/")).contains("\"app\"");
    }

    @Test
    void norDoItsBytes() {
        String bytes = """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: ["*"]
                  gateways: [edge]
                  tcp: [{route: [{destination: {host: up.internal, port: {number: 80}}}]}]
                ---
                """;
        files.put(
                "edge.yaml",
                Yaml.gateway("port: {number: 9000, name: tcp, protocol: TCP}, hosts: [\"*\"]")
                        + Yaml.service("up.internal", "TCP", 9));
        files.put("a.yaml", faulty(bytes.formatted("aaa")));
        files.put("b.yaml", bytes.formatted("bbb"));

        assertThat(serve().plan().listeners().toString())
                .containsSubsequence("virtualService=default/aaa", "virtualService=default/bbb");
    }

    /// `edge` ends TLS for all hosts and asks nobody for a certificate.
    @ParameterizedTest
    @CsvSource({
        "MUTUAL, a.example,  https://a.example/,     403",
        "MUTAUL, a.example,  https://a.example/,     403",
        "MUTUAL, *.example,  https://a.example/,     403",
        "MUTUAL, *,          https://a.example/,     any",
        "SIMPLE, a.example,  https://a.example/,     any",
        "MUTUAL, a.example,  https://b.example/,     any",
        "MUTUAL, a.example,  http://a.example/,      any",
        "MUTUAL, *.example,  https://own.example/,   any",
    })
    void noWiderGatewayServesWhatALeftOutOneAsksACertificateFor(String mode, String host, String url, String answer) {
        files.put(
                "edge.yaml",
                tls("edge", "*", "SIMPLE")
                        + tls("own", "own.example", "SIMPLE")
                        + named(Yaml.httpGateway("*"), "plain"));
        files.put("tls.yaml", faulty(tls("secure", host, mode)));
        files.put("a.yaml", any("*").replace("[edge]", "[edge, own, plain]"));

        Read read = serve();

        assertThat(faults()).isEqualTo("Gateway default/secure left-out 0");
        assertThat(explain(read, url)).contains(answer);
    }

    private static String rule(String host, String policy) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: up, namespace: prod}
                spec:
                  %s
                  trafficPolicy: %s
                ---
                """.formatted(host, policy);
    }

    /// Nobody knows what the rule is for that orders TLS.
    @ParameterizedTest
    @ValueSource(strings = {"hots: up.internal", "host: 7", "host: [up.internal]", "host: 'a b'"})
    void whereTheHostOfARuleIsNotKnownNothingIsSentInPlainText(String host) {
        files.put(
                "edge.yaml",
                Yaml.httpGateway("*") + Yaml.service("up.internal", 9) + Yaml.forwardAll("a.example", "up.internal"));
        files.put("rule.yaml", rule(host, "{tls: {mode: SIMPLE}}"));
        assertThat(serve().plan().clusters()).isEmpty();

        assertThat(serve("x.yaml", route("x.example", "x")).plan().clusters()).isEmpty();

        files.remove("rule.yaml");
        assertThat(serve().plan().clusters()).hasSize(1);
        assertThat(serve("rule.yaml", rule(host, "{tls: {mode: SIMPLE}}"))
                        .plan()
                        .clusters())
                .as("what was served without it")
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host: &h up.prod.svc.cluster.local",
                "host: >-\n    up.prod.svc.cluster.local",
                "host: !!str up.prod.svc.cluster.local",
                "'host' : up.prod.svc.cluster.local",
                "host: up",
                "# host",
            })
    void norWhereItsFileCannotBeRead(String host) {
        files.put(
                "edge.yaml",
                Yaml.httpGateway("*")
                        + Yaml.service("up.prod.svc.cluster.local", 9)
                        + Yaml.forwardAll("a.example", "up.prod.svc.cluster.local"));
        files.put("rule.yaml", rule(host, "{tls: {mode: [}}"));

        assertThat(serve().plan().clusters()).isEmpty();
    }

    private static final String POLICY = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n";

    /// What names another namespace in a file that cannot be read, and may be for this one all the same.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "kind: List\nitems:\n- kind: AuthorizationPolicy\n  metadata: {name: x, namespace: elsewhere}\n"
                        + "  spec: {}\n- kind: AuthorizationPolicy\n  metadata: {name: y, namespace: default}\n  spec: [",
                POLICY + "metadata:\n  name: x\n  # namespace: elsewhere\nspec: {rules: [\n",
                POLICY + "metadata:\n  name: x\n  labels: {kube-namespace: elsewhere}\nspec: {rules: [\n",
                POLICY + "metadata:\n  name: x\n  annotations: {a: 'namespace: elsewhere'}\nspec: {rules: [\n",
                "# metadata of namespace: elsewhere, spec\n" + POLICY + "metadata: {name: x}\nspec: {rules: [\n",
            })
    void aPolicyOfAnUncertainNamespaceIsForAll(String text) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));

        assertThat(explain(serve("z.yaml", text), "http://a.example/")).contains("403");
    }
}
