package io.sallyport.reload;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.EgressOptions;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.reload.ConfigurationSource.Read;
import io.sallyport.testing.Yaml;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which version of each resource counts where a configuration has errors, and what is denied.
class IsolatedReadTest extends IsolatedReads {
    private static final String BROKEN = "kind: [broken\n";

    @Test
    void whoIsNewDoesNotPushOutWhoWasThere() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        serve();
        String intruder = named(Yaml.gateway("port: {number: 80, name: tcp, protocol: TCP}, hosts: [\"*\"]"), "aaa");

        Read read = serve("aaa.yaml", intruder);

        // By Istio's order the new one comes first.
        assertThat(faults()).isEqualTo("Gateway default/aaa left-out 0");
        assertThat(explain(read, "http://a.example/")).contains("one");
    }

    @Test
    void ofTwoNewOnesTheEarlierCounts() {
        files.put("a.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put(
                "b.yaml", named(Yaml.gateway("port: {number: 80, name: tcp, protocol: TCP}, hosts: [\"*\"]"), "later"));

        serve();

        assertThat(faults()).isEqualTo("Gateway default/later left-out 0");
    }

    @Test
    void aHostThatIsTakenTwiceStaysWithWhoServesIt() {
        files.put("edge.yaml", Yaml.httpGateway("*") + tls("edge-tls", "a.example", "SIMPLE"));
        serve();

        serve("aaa.yaml", tls("aaa", "a.example", "SIMPLE"));

        assertThat(faults()).isEqualTo("Gateway default/aaa left-out 0");
    }

    @Test
    void whatIsDefinedTwiceIsHeldAsItWasServed() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("b.yaml", route("a.example", "one"));
        serve();

        Read read = serve("a.yaml", route("a.example", "other"));

        assertThat(explain(read, "http://a.example/")).contains("one").doesNotContain("other");
        assertThat(faults())
                .isEqualTo(
                        "VirtualService default/vs-a-example held 1, VirtualService default/vs-a-example left-out 0");
        Read mended = serve("a.yaml", route("b.example", "other"));
        assertThat(mended.hasErrors()).isFalse();
        assertThat(faults()).isEmpty();
    }

    @Test
    void whatNamesAMissingResourceIsHeldOrLeftOut() {
        files.put("edge.yaml", Yaml.httpGateway("*") + Yaml.service("up.internal", 9));
        files.put("a.yaml", route("a.example", "one"));
        serve();
        files.put("a.yaml", Yaml.forwardAll("a.example", "nowhere.example"));
        files.put("b.yaml", Yaml.forwardAll("b.example", "nowhere.example"));

        Read read = serve();

        assertThat(explain(read, "http://a.example/")).contains("one");
        assertThat(faults())
                .isEqualTo(
                        "VirtualService default/vs-a-example held 1, VirtualService default/vs-b-example left-out 0");
    }

    @Test
    void whatNamesALeftOutResourceGetsIstiosAnswer() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("up.yaml", Yaml.service("up.internal", 9).replace("location:", "locatoin:"));
        files.put("a.yaml", Yaml.virtualService("a.example", """
                        - {name: dark, match: [{uri: {prefix: /up}}], route: [{destination: {host: up.internal}}]}
                        - {name: light, directResponse: {status: 200}}
                        """.stripTrailing()));

        Read read = serve();

        assertThat(faults()).isEqualTo("ServiceEntry default/up-internal left-out 0");
        assertThat(explain(read, "http://a.example/")).contains("light");
        assertThat(explain(read, "http://a.example/up")).contains("dark").contains("503");
        assertThat(read.plan().clusters()).isEmpty();
    }

    @Test
    void whatWasServedStaysWhereWhatItNamesIsRemoved() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("up.yaml", Yaml.service("up.internal", 9));
        files.put("a.yaml", Yaml.virtualService("a.example", """
                        - {name: dark, match: [{uri: {prefix: /up}}], route: [{destination: {host: up.internal}}]}
                        - {name: light, directResponse: {status: 200}}
                        """.stripTrailing()));
        serve();
        files.remove("up.yaml");

        Read read = serve();

        assertThat(faults()).isEmpty();
        assertThat(read.problems()).anyMatch(problem -> problem.code() == ProblemCode.UNKNOWN_HOST);
        assertThat(explain(read, "http://a.example/")).contains("light");
        assertThat(explain(read, "http://a.example/up")).contains("503");
        assertThat(serve().isRefused()).isFalse();
        assertThat(faults()).isEmpty();
    }

    /// The VirtualService is on a gateway that is left out and on one that asks for no certificate.
    @ParameterizedTest
    @CsvSource({
        "SIMPLE,                   200",
        "MUTUAL,                   404",
        "OPTIONAL_MUTUAL,          404",
        "MUTAUL,                   404",
    })
    void noOtherGatewayServesWhatALeftOutOneAsksACertificateFor(String mode, String answer) {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("tls.yaml", tls("secure", "a.example", mode).replace("hosts:", "hostz: [], hosts:"));
        files.put("a.yaml", route("a.example", "one").replace("gateways: [edge]", "gateways: [edge, secure]"));

        Read read = serve();

        assertThat(faults()).contains("Gateway default/secure left-out 0");
        if (answer.equals("404")) {
            assertThat(explain(read, "http://a.example/")).doesNotContain("one");
            assertThat(faults()).contains("VirtualService default/vs-a-example left-out");
        } else {
            assertThat(explain(read, "http://a.example/")).contains("one");
        }
    }

    @Test
    void aServerThatAsksForCertificatesIsHeldAsItIs() {
        files.put("edge.yaml", Yaml.httpGateway("*") + tls("secure", "a.example", "MUTUAL"));
        Read first = serve();

        Read read = serve(
                "edge.yaml",
                Yaml.httpGateway("*") + tls("secure", "a.example", "SIMPLE").replace("hosts:", "hostz: [], hosts:"));

        assertThat(faults()).isEqualTo("Gateway default/secure held 1");
        assertThat(read.configuration()
                        .gateways()
                        .getLast()
                        .servers()
                        .getFirst()
                        .tls()
                        .mode())
                .isEqualTo(first.configuration()
                        .gateways()
                        .getLast()
                        .servers()
                        .getFirst()
                        .tls()
                        .mode());
    }

    private static String rule(String policy) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: up}
                spec:
                  host: up.internal
                  wrong: 1
                  trafficPolicy: %s
                ---
                """.formatted(policy);
    }

    /// Without its rule, a host must not be spoken to in plain text.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{tls: {mode: SIMPLE}}                                                     | true",
                "{portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}          | true",
                "{tunnel: {targetHost: x.example, targetPort: 80}}                         | true",
                "{tls: {mode: NO_SUCH}}                                                    | true",
                "{tls: {mode: DISABLE}}                                                    | false",
                "{connectionPool: {http: {maxRetries: 3}}}                                 | false",
            })
    void aHostWhoseRuleMayOrderTlsIsNotReachedWithoutIt(String policy, boolean withheld) {
        files.put("edge.yaml", Yaml.httpGateway("*") + Yaml.service("up.internal", 9));
        files.put("a.yaml", Yaml.forwardAll("a.example", "up.internal"));
        files.put("rule.yaml", rule(policy));

        Read read = serve();

        assertThat(faults()).isEqualTo("DestinationRule default/up left-out 0");
        assertThat(read.plan().clusters().isEmpty()).isEqualTo(withheld);
    }

    @Test
    void norIsOneWhoseRuleIsInAFileThatNobodyCanRead() {
        files.put("edge.yaml", Yaml.httpGateway("*") + Yaml.service("up.internal", 9) + Yaml.service("b.internal", 9));
        files.put("a.yaml", Yaml.forwardAll("a.example", "up.internal") + Yaml.forwardAll("b.example", "b.internal"));
        files.put("rule.yaml", rule("{tls: {mode: [}}"));

        assertThat(serve().plan().clusters()).containsOnlyKeys("outbound|80||b.internal");
        assertThat(faults()).isEqualTo("File rule.yaml left-out 0");
    }

    /// What a policy covers that cannot be read: `self` is this instance, `other` another host, both in namespace
    /// default.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AuthorizationPolicy   | default      | wrong: 1                                                         | true",
                "AuthorizationPolicy   | istio-system | wrong: 1                                                         | true",
                "AuthorizationPolicy   | elsewhere    | wrong: 1                                                         | false",
                "AuthorizationPolicy   | default      | {selector: {matchLabels: {app: other}}, wrong: 1}                | false",
                "AuthorizationPolicy   | default      | {selector: {matchLabels: {istio: ingressgateway}}, wrong: 1}     | true",
                "AuthorizationPolicy   | default      | {selector: {matchLabel: {app: other}}, action: ALLOW}            | true",
                "AuthorizationPolicy   | default      | {selector: 7}                                                    | true",
                "AuthorizationPolicy   | default      | {slector: {matchLabels: {app: other}}}                           | true",
                "AuthorizationPolicy   | default      | {selector: {matchLabels: {app: [other]}}}                        | true",
                "AuthorizationPolicy   | default      | 7                                                                | true",
                "AuthorizationPolicy   | default      | {action: ALOW}                                                   | true",
                "AuthorizationPolicy   | default      | {action: CUSTOM}                                                 | true",
                "AuthorizationPolicy   | default      | {targetRefs: [{kind: Gateway, group: networking.istio.io, name: edge}], wrong: 1} | true",
                "AuthorizationPolicy   | default      | {targetRefs: [{kind: Gateway, group: networking.istio.io, name: not}], wrong: 1}  | false",
                "AuthorizationPolicy   | default      | {targetRefs: [{kind: Gatway, name: not}]}                        | true",
                "RequestAuthentication | default      | {jwtRules: [{}]}                                                 | true",
                "RequestAuthentication | elsewhere    | {jwtRules: [{}]}                                                 | false",
                "PeerAuthentication    | default      | {mtls: {mode: STRCIT}}                                           | true",
                "PeerAuthentication    | default      | {selector: {matchLabels: {app: other}}, mtls: {mode: STRCIT}}    | false",
            })
    void aPolicyThatCannotBeReadDeniesWhatItIsFor(String kind, String namespace, String spec, boolean denied) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put("policy.yaml", Yaml.security(kind, namespace, "who", spec));

        Read read = serve();

        assertThat(faults()).isEqualTo(kind + " " + namespace + "/who left-out 0");
        String answer = explain(read, "http://a.example/");
        if (denied) {
            assertThat(answer).contains("403").contains("who (left out)");
        } else {
            assertThat(answer).contains("one").doesNotContain("403");
        }
    }

    private static final String POLICY = Yaml.security("AuthorizationPolicy", "%s", "who", "rules: [{}]");

    /// Files of which nothing was served before, and whether they may hold a policy for this instance.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "kind: [broken",
                "kind: AuthorizationPolicy\nmetadata: {name: [",
                "apiVersion: security.istio.io/v1\nmetadata: {namespace: default, name: [",
                "apiVersion: security.istio.io/v1\nspec: {namespace: elsewhere, name: [",
                "apiVersion: security.istio.io/v1\nkind: AuthorizationPolciy\nmetadata: {name: x}\nspec: {}",
                "apiVersion: security.istio.io/v9\nkind: AuthorizationPolicy\nmetadata: {name: x}\nspec: {}",
                "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: X_Y}\nspec: {}",
                "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: x, namespace: [a]}\nspec: {}",
                "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: x, namespace: elsewhere}\n"
                        + "spec: {a: &a [*a]}",
            })
    void aFileThatNobodyCanReadMayHoldPolicies(String text) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put("z.yaml", text);

        String answer = explain(serve(), "http://a.example/");

        assertThat(faults()).contains("File z.yaml left-out 0");
        boolean denied = text.contains("olicy") && !text.contains("namespace: elsewhere}")
                || text.contains("security.istio.io") && !text.contains("metadata: {name: x, namespace: elsewhere}");
        if (denied) {
            assertThat(answer).contains("403").contains("z.yaml (left out)");
        } else {
            assertThat(answer).contains("one");
        }
    }

    /// An object of the API whose namespace is known, whatever else of it can be read.
    @ParameterizedTest
    @CsvSource({
        "AuthorizationPolicy, elsewhere, false", "AuthorizationPolicy, default, true",
        "RequestAuthentication, elsewhere, false", "RequestAuthentication, default, true"
    })
    void aPolicyThatCannotBeReadDeniesInItsOwnNamespace(String kind, String namespace, boolean denied) {
        for (String fault : new String[] {"\u0007", "x".repeat(16 << 20)}) {
            files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
            files.put("z.yaml", """
                    {"apiVersion": "security.istio.io/v1", "kind": "%s", "metadata": {"name": "who", "namespace": "%s",
                     "annotations": {"a": "%s"}, "labels": {"namespace": "default"}}, "spec": {}}
                    """.formatted(kind, namespace, fault));
            namespaces.put("z.yaml", namespace);
            source = source(EgressOptions.NO_MESH);

            String answer = explain(serve(), "http://a.example/");

            assertThat(faults()).contains("left-out 0");
            assertThat(answer.contains("403")).as(answer).isEqualTo(denied);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatCannotBeReadAtTheFirstStartMayHoldPolicies(boolean opened) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        if (opened) {
            files.put("c.yaml", "#".repeat((16 << 20) + 1));
        } else {
            unreadable.add("c.yaml");
        }

        assertThat(explain(serve(), "http://a.example/")).contains("403").contains("c.yaml (left out)");
    }

    @Test
    void aFileThatCannotBeOpenedIsServedAsItWas() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put("b.yaml", route("b.example", "two"));
        serve();
        files.remove("b.yaml");
        unreadable.add("b.yaml");

        Read held = serve();
        assertThat(explain(held, "http://b.example/")).contains("two");
        assertThat(faults()).isEqualTo("VirtualService default/vs-b-example held 1");

        unreadable.add("c.yaml");
        assertThat(explain(serve(), "http://a.example/")).contains("one");
        assertThat(faults()).isEqualTo("File c.yaml left-out 0, VirtualService default/vs-b-example held 1");
    }

    @Test
    void whatIsReadInAPartlyBrokenFileDoesNotCount() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("a.yaml", route("a.example", "one"));
        serve();

        Read read = serve("a.yaml", route("a.example", "other") + route("b.example", "more") + BROKEN);

        assertThat(explain(read, "http://a.example/")).contains("one");
        assertThat(explain(read, "http://b.example/")).doesNotContain("more");
        assertThat(faults())
                .isEqualTo(
                        "VirtualService default/vs-a-example held 1, VirtualService default/vs-b-example left-out 0");
    }

    @Test
    void whatIsHeldSaysWhichGenerationItIsFrom() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("a.yaml", route("a.example", "one"));
        serve();

        Read read = serve("a.yaml", route("a.example", "two").replace("spec:", "spek:"));

        assertThat(read.configuration().virtualServices().getFirst().meta().at().toString())
                .isEqualTo("a.yaml (generation 1):1:1");
        ResourceState state = source.served().all().getFirst();
        assertThat(state.file()).isEqualTo("a.yaml");
        assertThat(state.line()).isEqualTo(1);
        assertThat(state.because()).contains("a.yaml:1:1: error SAL1028");
        assertThat(source.served().counts())
                .containsEntry(ResourceState.State.HELD, 1)
                .containsEntry(ResourceState.State.SERVED, 1);
    }

    @Test
    void aFaultKeepsItsTimeUntilItIsMended() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("a.yaml", route("a.example", "one"));
        serve();
        serve("a.yaml", BROKEN);
        Instant since = source.served().faults().getFirst().since();

        serve("b.yaml", route("b.example", "two"));

        assertThat(source.served().faults().getFirst().since()).isEqualTo(since);
        assertThat(source.served().faults().getFirst().generation()).isEqualTo(1);
    }

    /// The second item is at the first one's place in the file.
    @Test
    void anAliasOfAnotherResourcesPartBlamesNobodyElseForGood() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("b.example", "two"));
        files.put("list.yaml", """
                apiVersion: v1
                kind: List
                items:
                - apiVersion: networking.istio.io/v1
                  kind: VirtualService
                  metadata: {name: one}
                  spec: &spec
                    hosts: [a.example]
                    gateways: [nowhere]
                    http: [{directResponse: {status: 200}}]
                - apiVersion: networking.istio.io/v1
                  kind: VirtualService
                  metadata: {name: two}
                  spec: *spec
                """);

        Read read = serve();

        assertThat(read.isRefused()).isFalse();
        assertThat(explain(read, "http://b.example/")).contains("two");
        assertThat(read.configuration().virtualServices()).hasSize(1);
        assertThat(faults()).isEqualTo("VirtualService default/one left-out 0, VirtualService default/two left-out 0");
    }

    @Test
    void moreErrorsThanAreListedAreIsolatedAllTheSame() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 1_500; i++) {
            many.append(route("h" + i + ".example", "x").replace("spec:", "spek: {}\nspec:"));
        }
        files.put("many.yaml", many.toString());
        files.put("edge.yaml", Yaml.httpGateway("*") + route("b.example", "two"));

        Read read = serve();

        assertThat(explain(read, "http://b.example/")).contains("two");
        assertThat(source.served().counts()).containsEntry(ResourceState.State.LEFT_OUT, 1_500);
    }

    @Test
    void moreMissingReferencesThanAreListedAreIsolatedAllTheSame() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 2_500; i++) {
            many.append(route("h" + i + ".example", "x").replace("[edge]", "[nowhere]"));
        }
        files.put("many.yaml", many.toString());
        files.put("edge.yaml", Yaml.httpGateway("*") + route("b.example", "two"));

        Read read = serve();

        assertThat(explain(read, "http://b.example/")).contains("two");
        assertThat(source.served().counts()).containsEntry(ResourceState.State.LEFT_OUT, 2_500);
    }

    private static String wide(String name) {
        return Yaml.virtualService("*.example", "- {name: %s, directResponse: {status: 200}}".formatted(name));
    }

    /// The one that is left out is for a host that a wildcard covers.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hosts: [admin.example], gateways: [edge], http: [{math: []}]                       | false",
                "hosts: [admin.example], gateways: 7, http: [{directResponse: {status: 403}}]       | false",
                "hosts: [admin.example], gateways: [edge], exportTo: 7, http: []                    | false",
                "hosts: [admin.example, 7], gateways: [edge], http: [{directResponse: {status: 403}}] | true",
                "hosts: [admin.example, 'a b'], gateways: [edge], http: [{directResponse: {status: 403}}] | true",
                "hosts: 7, gateways: [edge], http: [{directResponse: {status: 403}}]                | true",
                "hosst: [admin.example], gateways: [edge], http: [{directResponse: {status: 403}}]  | true",
                "hosst: [admin.example], http: [{directResponse: {status: 403}}]                    | true",
            })
    void theHostsOfWhatIsLeftOutDoNotFallToWiderOnes(String spec, boolean unknown) {
        files.put("edge.yaml", Yaml.httpGateway("*") + wide("any") + route("b.example", "two"));
        files.put("a.yaml", """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: admin}
                spec: {%s}
                """.formatted(spec));

        Read read = serve();

        assertThat(faults()).isEqualTo("VirtualService default/admin left-out 0");
        assertThat(explain(read, "http://admin.example/")).doesNotContain("any").contains(unknown ? "403" : "404");
        assertThat(explain(read, "http://b.example/")).contains("two");
        assertThat(explain(read, "http://other.example/")).contains(unknown ? "403" : "any");
    }

    @ParameterizedTest
    @CsvSource({"true, 403", "false, any"})
    void noWiderHostIsServedWhereAFileHidesRoutesAtTheFirstStart(boolean hidden, String answer) {
        files.put("edge.yaml", Yaml.httpGateway("*") + wide("any") + route("b.example", "two"));
        String text = route("a.example", "one");
        files.put("a.yaml", hidden ? text.replace("hosts: [", "hosts: [[") : text + BROKEN);

        Read read = serve();

        assertThat(explain(read, "http://other.example/")).contains(answer);
        assertThat(explain(read, "http://a.example/")).doesNotContain("any").doesNotContain("one");
        assertThat(explain(read, "http://b.example/")).contains("two");
    }

    @Test
    void aPolicyThatIsOnlyTriedDeniesNothing() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put(
                "policy.yaml",
                Yaml.security("AuthorizationPolicy", "default", "who", "wrong: 1")
                        .replace("namespace: default", "namespace: default, annotations: {istio.io/dry-run: 'true'}"));

        assertThat(explain(serve(), "http://a.example/")).contains("one");
        assertThat(faults()).isEqualTo("AuthorizationPolicy default/who left-out 0");
    }

    @Test
    void aNewOneWhoseHostsNobodyKnowsTakesNothingFromWhatWasServedWithoutIt() {
        files.put("edge.yaml", Yaml.httpGateway("*") + wide("any"));
        serve();

        Read read = serve("a.yaml", route("a.example", "one").replace("hosts: [\"a.example\"]", "hosts: 7"));

        assertThat(faults()).isEqualTo("VirtualService default/vs-a-example left-out 0");
        assertThat(explain(read, "http://a.example/")).contains("any");
    }

    /// What is delegated does not fall to the root's next route.
    @ParameterizedTest
    @ValueSource(strings = {"spec: {http: [{math: []}]}", "spec: {http: 7}", "spek: {}"})
    void whatIsDelegatedToWhatIsLeftOutIsNotFound(String faulty) {
        String root = Yaml.virtualService("a.example", """
                - {match: [{uri: {prefix: /admin}}], delegate: {name: admin}}
                - {name: rest, directResponse: {status: 200}}
                """.stripTrailing());
        files.put("edge.yaml", Yaml.httpGateway("*") + root);
        files.put(
                "admin.yaml",
                "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: admin}\n" + faulty + "\n");

        Read read = serve();

        assertThat(faults()).isEqualTo("VirtualService default/admin left-out 0");
        assertThat(explain(read, "http://a.example/")).contains("rest");
        assertThat(explain(read, "http://a.example/admin")).contains("404").doesNotContain("rest");

        files.remove("admin.yaml");
        Read without = serve();
        assertThat(explain(without, "http://a.example/admin")).contains("404").doesNotContain("rest");
    }

    @Test
    void aServiceThatIsLeftOutIsNotReachedByAWiderEntry() {
        String wide = Yaml.service("*.internal", 9).replace("STATIC", "NONE").replaceAll("(?m)^ *endpoints:.*$", "");
        files.put(
                "edge.yaml",
                Yaml.httpGateway("*")
                        + named(wide, "wide")
                        + Yaml.forwardAll("a.example", "up.internal")
                        + Yaml.forwardAll("b.example", "other.internal"));
        files.put("up.yaml", Yaml.service("up.internal", 9).replace("location:", "locatoin: 1\n  location:"));

        Read read = serve();

        assertThat(faults()).isEqualTo("ServiceEntry default/up-internal left-out 0");
        assertThat(explain(read, "http://a.example/")).contains("503");
        assertThat(read.plan().clusters()).containsOnlyKeys("outbound|80||other.internal");
    }

    /// Who is trusted and who authorizes depends on it.
    @ParameterizedTest
    @ValueSource(
            strings = {"trustDomain: 7", "extensionProviders: [{nam: x}]", "trustDomain: [", "rootNamespace: {a: [}"})
    void withoutTheSettingsOfTheMeshNothingIsServed(String faulty) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        files.put("mesh.yaml", faulty + "\n");
        assertThat(serve().isRefused()).isTrue();

        files.put("mesh.yaml", "trustDomain: cluster.local\n");
        assertThat(serve().hasErrors()).isFalse();
        files.put("mesh.yaml", faulty + "\n");
        assertThat(explain(serve(), "http://a.example/")).contains("one");
        assertThat(faults()).isEqualTo("MeshConfig istio-system/istio held 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "kind: [broken\n", "# nothing\n"})
    void nothingValidIsRefused(String text) {
        files.put("a.yaml", text);

        assertThat(serve().isRefused()).isTrue();
    }

    @Test
    void aDeletedDirectoryIsRefused() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        serve();
        files.clear();

        assertThat(serve().isRefused()).isTrue();
    }

    private static String routeOfGateways(String host, int missing) {
        String gateways =
                IntStream.range(0, missing).mapToObj(i -> "missing" + i).collect(joining(", "));
        return route(host, "broken").replaceFirst("gateways: \\[[^]]*]", "gateways: [" + gateways + "]");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void severalErrorsOfOneResourceCostNoOtherItsVersion(int errors) {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put(
                "a.yaml",
                route("a.example", "one")
                        + routeOfGateways("b.example", errors)
                        + route("c.example", "three")
                        + routeOfGateways("d.example", errors));

        Read read = serve();

        assertThat(faults())
                .isEqualTo(
                        "VirtualService default/vs-b-example left-out 0, VirtualService default/vs-d-example left-out 0");
        assertThat(explain(read, "http://a.example/")).contains("one");
        assertThat(explain(read, "http://c.example/")).contains("three");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aPolicyTakesEffectThoughWhatStandsBelowItHasSeveralErrors(int errors) {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one") + route("c.example", "three"));
        serve("p.yaml", denyOf("a.example") + route("b.example", "two"));

        Read read = serve("p.yaml", denyOf("c.example") + routeOfGateways("b.example", errors));

        assertThat(faults()).isEqualTo("VirtualService default/vs-b-example held 1");
        assertThat(explain(read, "http://c.example/")).contains("403");
        assertThat(explain(read, "http://a.example/")).contains("one");
    }

    private static String denyOf(String host) {
        return Yaml.security(
                "AuthorizationPolicy",
                "default",
                "deny",
                "{action: DENY, rules: [{to: [{operation: {hosts: [%s]}}]}]}".formatted(host));
    }

    @Test
    void whatHasNoNameIsWhatTheFileHasNow() {
        files.put("edge.yaml", Yaml.httpGateway("*") + route("a.example", "one"));
        serve("n.yaml", route("b.example", "two"));
        String nameless = "metadata: {}";
        serve(
                "n.yaml",
                route("b.example", "two") + route("x.example", "x").replaceFirst("metadata: \\{[^}]*}", nameless));

        Read read = serve(
                "n.yaml",
                route("b.example", "two") + denyOf("a.example").replaceFirst("metadata: \\{[^}]*}", nameless));

        assertThat(faults())
                .contains("AuthorizationPolicy default/ left-out")
                .doesNotContain("VirtualService default/ ");
        assertThat(explain(read, "http://a.example/")).contains("403");
        assertThat(explain(read, "http://b.example/")).contains("403");
    }

    @Test
    void faultsAreListedByPlace() {
        files.put("edge.yaml", Yaml.httpGateway("*"));
        files.put("a.yaml", routeOfGateways("a.example", 1));
        files.put("b.yaml", route("b.example", "x").replace("http:", "htpp:"));
        serve();

        assertThat(source.served().faults()).extracting(ResourceState::file).containsExactly("a.yaml", "b.yaml");
    }
}
