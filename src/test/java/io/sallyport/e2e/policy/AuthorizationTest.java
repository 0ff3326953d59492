package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.ask;
import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.http1;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// AuthorizationPolicies on requests to a Gateway, over both versions of HTTP.
class AuthorizationTest {
    /// Routes of all kinds; `/up` is forwarded.
    private static final String ROUTES = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
            - match: [{uri: {prefix: /moved}}]
              redirect: {uri: /elsewhere}
            - match: [{uri: {prefix: /direct}}]
              directResponse: {status: 200, body: {string: direct}}
            - match: [{uri: {prefix: /fault}}]
              fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
              route: [{destination: {host: up.internal, port: {number: 80}}}]
            - match: [{uri: {prefix: /cors}}]
              corsPolicy: {allowOrigins: [{exact: "https://b.test"}]}
              route: [{destination: {host: up.internal, port: {number: 80}}}]
            - match: [{uri: {prefix: /}}]
              directResponse: {status: 200}
            """);

    private static TestGateway serving(String policies) {
        return TestGateway.serving(ROUTES + Yaml.service("up.internal", 1) + policies);
    }

    @Test
    void aDeniedRequestIs403WithThePolicyInTheLog() throws Exception {
        try (TestGateway gateway = serving(
                policy(
                        "no-admin",
                        "action: DENY\nrules: [{to: [{operation: {paths: [/other]}}]}, {to: [{operation: {paths: [\"/admin*\"]}}]}]"))) {
            assertThat(http1(gateway, "GET", "a.test", "/admin/users"))
                    .startsWith("HTTP/1.1 403 ")
                    .endsWith("\r\n\r\nRBAC: access denied");

            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.details)
                    .isEqualTo("rbac_access_denied_matched_policy[ns[default]-policy[no-admin]-rule[1]]");
            assertThat(facts.flags()).isEqualTo("RBAC");
            assertThat(get(gateway, "a.test", "/users")).isEqualTo(200);
        }
    }

    /// Neither redirects nor direct responses, faults, preflights nor 404 come before a denial.
    @ParameterizedTest
    @ValueSource(strings = {"/moved", "/direct", "/fault", "/cors", "/"})
    void aDenialComesFirst(String path) throws Exception {
        try (TestGateway gateway = serving(policy("deny-all", "action: DENY\nrules: [{}]"))) {
            assertThat(get(gateway, "a.test", path)).isEqualTo(403);
            assertThat(get(gateway, "unknown.test", path)).isEqualTo(403);
            assertThat(ask(
                            gateway,
                            "OPTIONS",
                            "a.test",
                            path,
                            "origin",
                            "https://b.test",
                            "access-control-request-method",
                            "GET"))
                    .isEqualTo(403);
        }
    }

    @Test
    void onlyWhatAnAllowPolicyMatchesIsAllowed() throws Exception {
        try (TestGateway gateway =
                serving(policy("reads", "rules: [{to: [{operation: {methods: [GET], paths: [\"/a/{*}\"]}}]}]"))) {
            assertThat(get(gateway, "a.test", "/a/b")).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/a/b/c")).isEqualTo(403);
            assertThat(ask(gateway, "HEAD", "a.test", "/a/b")).isEqualTo(403);
            await().until(() -> gateway.facts().size() == 6);
            assertThat(gateway.facts())
                    .filteredOn(facts -> facts.status == 403)
                    .extracting(facts -> facts.details)
                    .containsOnly("rbac_access_denied_matched_policy[none]");
        }
    }

    @Test
    void anAllowPolicyWithoutRulesDeniesEverything() throws Exception {
        try (TestGateway gateway = serving(policy("nothing", "{}"))) {
            assertThat(get(gateway, "a.test", "/")).isEqualTo(403);
        }
    }

    @Test
    void denyComesBeforeAllow() throws Exception {
        String allow = policy("everything", "rules: [{}]");
        try (TestGateway gateway =
                serving(allow + policy("some", "action: DENY\nrules: [{to: [{operation: {notMethods: [GET]}}]}]"))) {
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
            assertThat(ask(gateway, "DELETE", "a.test", "/")).isEqualTo(403);
        }
    }

    /// Every spelling that some server takes for `/admin`, or for a path below it.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin",
                "/admin/",
                "/admin/x",
                "//admin",
                "/./admin",
                "/x/../admin",
                "/%61dmin",
                "/admin;a=b",
                "/admin;a/x",
                "/admin%2Fx",
                "/admin%2fx",
                "/admin%5Cx",
                "/x%2F..%2Fadmin",
                "/admin?x",
                "/admin%3Bx",
                "/admin//x",
                "/ad%6Din/x"
            })
    void noSpellingEscapesADenial(String path) throws Exception {
        try (TestGateway gateway = serving(
                policy("admin", "action: DENY\nrules: [{to: [{operation: {paths: [/admin, \"/admin/*\"]}}]}]"))) {
            assertThat(get(gateway, "a.test", path)).isIn(403, 400);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/public%2F..%2Fadmin", "/public;x/../admin", "/public%2Fadmin", "/public;x", "/public/a%2Fb"})
    void whatIsAllowedIsAllowedInEveryReading(String path) throws Exception {
        try (TestGateway gateway = serving(policy(
                "public",
                "rules: [{to: [{operation: {paths: [\"/public%2F*\", \"/public;*\", \"/public/a%2Fb\"]}}]}]"))) {
            assertThat(get(gateway, "a.test", path)).isIn(403, 400);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.test", "A.TEST", "a.test.", "a.test:80", "a.test.:80", "A.test:8080"})
    void noSpellingOfAHostEscapesADenial(String authority) throws Exception {
        try (TestGateway gateway =
                serving(policy("host", "action: DENY\nrules: [{to: [{operation: {hosts: [a.test]}}]}]"))) {
            assertThat(get(gateway, authority, "/")).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'source: {ipBlocks: [127.0.0.0/8]}', 200",
        "'source: {ipBlocks: [10.0.0.0/8]}', 403",
        "'source: {notIpBlocks: [10.0.0.0/8]}', 200",
        "'source: {remoteIpBlocks: [127.0.0.1]}', 200",
        "'source: {remoteIpBlocks: [9.9.9.9]}', 403",
        "'source: {principals: [\"*\"]}', 403",
        "'source: {notPrincipals: [\"*\"]}', 200",
        "'source: {namespaces: [default]}', 403",
    })
    void sources(String source, int status) throws Exception {
        try (TestGateway gateway = serving(policy("from", "rules: [{from: [{" + source + "}]}]"))) {
            assertThat(get(gateway, "a.test", "/", "x-forwarded-for", "9.9.9.9"))
                    .isEqualTo(status);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'request.headers[X-Tier]', gold, 200",
        "'request.headers[x-tier]', 'g*', 200",
        "'request.headers[x-tier]', '*', 200",
        "'request.headers[x-tier]', silver, 403",
        "'request.headers[x-none]', '*', 403",
        "'request.headers[:method]', GET, 200",
        "source.ip, 127.0.0.1, 200",
        "remote.ip, 9.9.9.9, 403",
        "destination.ip, 127.0.0.1/32, 200",
        "connection.sni, '*', 403",
        "source.principal, '*', 403",
    })
    void conditions(String key, String value, int status) throws Exception {
        try (TestGateway gateway =
                serving(policy("when", "rules: [{when: [{key: \"" + key + "\", values: [\"" + value + "\"]}]}]"))) {
            assertThat(get(gateway, "a.test", "/", "x-tier", "gold")).isEqualTo(status);
        }
    }

    @Test
    void thePortIsTheOneThatIsBound() throws Exception {
        try (TestGateway gateway = serving("")) {
            int bound = gateway.port(80);
            gateway.apply(ROUTES
                    + Yaml.service("up.internal", 1)
                    + policy("port", "action: DENY\nrules: [{to: [{operation: {ports: [\"" + bound + "\"]}}]}]"));
            assertThat(get(gateway, "a.test", "/")).isEqualTo(403);
        }
    }

    @Test
    void policiesOfOtherNamespacesAndInstancesDoNotApply() throws Exception {
        try (TestGateway gateway = serving(policy("elsewhere", "deny", "action: DENY\nrules: [{}]")
                + policy("workload", "selector: {matchLabels: {app: other}}\naction: DENY\nrules: [{}]"))) {
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
        }
    }

    @Test
    void policiesOfTheRootNamespaceAndOfTheGatewaysSelectorApply() throws Exception {
        try (TestGateway gateway = serving(
                policy("istio-system", "root", "action: DENY\nrules: [{to: [{operation: {paths: [/root]}}]}]")
                        + policy(
                                "selected",
                                "selector: {matchLabels: {istio: ingressgateway}}\naction: DENY\nrules: [{to: [{operation: {paths: [/selected]}}]}]"))) {
            assertThat(get(gateway, "a.test", "/root")).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/selected")).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
        }
    }

    @Test
    void aPolicyOfAGatewayIsForItsHosts() throws Exception {
        String other = Yaml.httpGateway("b.test").replace("name: edge", "name: other");
        String routes =
                Yaml.virtualService("b.test", "- directResponse: {status: 200}").replace("[edge]", "[other]");
        try (TestGateway gateway = TestGateway.serving(
                Yaml.httpGateway("a.test")
                        + Yaml.virtualService("a.test", "- directResponse: {status: 200}")
                        + other
                        + routes
                        + policy(
                                "target",
                                "targetRefs: [{group: networking.istio.io, kind: Gateway, name: other}]\naction: DENY\nrules: [{}]"))) {
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
            assertThat(get(gateway, "b.test", "/")).isEqualTo(403);
        }
    }

    @Test
    void policiesOfEndpointsGuardTheirServiceAlone() throws Exception {
        try (RawUpstream payments = RawUpstream.ok("payments");
                RawUpstream reviews = RawUpstream.ok("reviews");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.forwardAll("payments.test", "payments.internal")
                        + Yaml.forwardAll("reviews.test", "reviews.internal")
                        + Yaml.service("payments.internal", payments.port())
                                .replace("ports: {port:", "labels: {app: payments}, ports: {port:")
                        + Yaml.service("reviews.internal", reviews.port())
                                .replace("ports: {port:", "labels: {app: reviews}, ports: {port:")
                        + policy(
                                "payments",
                                "selector: {matchLabels: {app: payments}}\nrules: [{to: [{operation: {methods: [GET], ports: [\"%d\"]}}]}]"
                                        .formatted(payments.port())))) {
            assertThat(get(gateway, "payments.test", "/")).isEqualTo(200);
            assertThat(ask(gateway, "DELETE", "payments.test", "/")).isEqualTo(403);
            assertThat(ask(gateway, "DELETE", "reviews.test", "/")).isEqualTo(200);
        }
    }

    @Test
    void aPolicyOfAServiceEntryIsForItsHosts() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("partner");
                TestGateway gateway = TestGateway.serving(
                        Yaml.httpGateway("*")
                                + Yaml.forwardAll("partner.test", "partner.internal")
                                + Yaml.service("partner.internal", upstream.port())
                                        .replace("MESH_INTERNAL", "MESH_EXTERNAL")
                                + policy(
                                        "partner",
                                        "targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: partner-internal}]\naction: DENY\nrules: [{to: [{operation: {methods: [POST]}}]}]"))) {
            assertThat(get(gateway, "partner.test", "/")).isEqualTo(200);
            assertThat(ask(gateway, "POST", "partner.test", "/", "content-length", "0"))
                    .isEqualTo(403);
        }
    }

    /// Servers may take a method for the one that it looks like.
    @ParameterizedTest
    @CsvSource({
        "action: DENY, methods: [POST], post, 403",
        "action: DENY, methods: [POST], pOsT, 403",
        "action: DENY, methods: [Purge], PURGE, 403",
        "action: DENY, methods: ['PO*'], post, 403",
        "action: DENY, methods: [POST], patch, 200",
        "action: DENY, notMethods: [POST], post, 403",
        "action: ALLOW, methods: [POST], post, 403",
        "action: ALLOW, notMethods: [POST], post, 403",
        "action: ALLOW, notMethods: [POST], patch, 200",
        "action: ALLOW, methods: [post], post, 200"
    })
    void noCaseOfAMethodEscapesADenial(String action, String methods, String method, int status) throws Exception {
        try (TestGateway gateway =
                serving(policy("m", "%s\nrules: [{to: [{operation: {%s}}]}]".formatted(action, methods)))) {
            assertThat(ask(gateway, method, "a.test", "/", "content-length", "0"))
                    .isEqualTo(status);
        }
    }

    @ParameterizedTest
    @CsvSource({"/items:purge, /items%3Apurge", "/items%3apurge, /items:purge", "/@a*, /%40ab", "'*/x%2f', /b/x%2F"})
    void noEncodingOfAReservedCharacterEscapesADenial(String value, String path) throws Exception {
        try (TestGateway gateway =
                serving(policy("p", "action: DENY\nrules: [{to: [{operation: {paths: [\"" + value + "\"]}}]}]"))) {
            assertThat(get(gateway, "a.test", path)).isEqualTo(403);
        }
    }

    @Test
    void everyGatewayThatOffersAHostHasItsSay() throws Exception {
        String second = Yaml.httpGateway("a.test").replace("name: edge", "name: second");
        try (TestGateway gateway = TestGateway.serving(
                Yaml.httpGateway("*")
                        + second
                        + Yaml.virtualService("a.test", "- directResponse: {status: 200}")
                                .replace("[edge]", "[edge, second]")
                        + policy(
                                "target",
                                "targetRefs: [{group: networking.istio.io, kind: Gateway, name: second}]\naction: DENY\nrules: [{}]"))) {
            assertThat(get(gateway, "a.test", "/")).isEqualTo(403);
        }
    }

    /// What the policies of the namespace and those of the Gateway allow is one list.
    @Test
    void aGatewaysAllowPolicyAddsToTheInstances() throws Exception {
        try (TestGateway gateway = serving(
                policy("nothing", "{}")
                        + policy(
                                "some",
                                "targetRefs: [{group: networking.istio.io, kind: Gateway, name: edge}]\nrules: [{to: [{operation: {paths: [/a]}}]}]"))) {
            assertThat(get(gateway, "a.test", "/a")).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/b")).isEqualTo(403);
        }
    }

    @Test
    void aMirrorHasThePoliciesOfItsEndpoints() throws Exception {
        try (RawUpstream up = RawUpstream.ok("up");
                RawUpstream guarded = RawUpstream.ok("guarded");
                RawUpstream open = RawUpstream.ok("open");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.virtualService("a.test", """
                                - route: [{destination: {host: up.internal, port: {number: 80}}}]
                                  mirrors:
                                  - {destination: {host: guarded.internal, port: {number: 80}}}
                                  - {destination: {host: open.internal, port: {number: 80}}}
                                """)
                        + Yaml.service("up.internal", up.port())
                        + Yaml.service("guarded.internal", guarded.port())
                                .replace("ports: {port:", "labels: {app: guarded}, ports: {port:")
                        + Yaml.service("open.internal", open.port())
                        + policy("guarded", "selector: {matchLabels: {app: guarded}}"))) {
            assertThat(http1(gateway, "GET", "a.test", "/")).startsWith("HTTP/1.1 200 ");
            await().until(() -> open.connectionCount() == 1);
            assertThat(guarded.connectionCount()).isZero();
        }
    }

    @Test
    void aPolicyOnTrialIsReportedAndNotEnforced() throws Exception {
        String trial = policy("trial", "action: DENY\nrules: [{}]")
                .replace("name: trial,", "name: trial, annotations: {istio.io/dry-run: \"true\"},");
        try (TestGateway gateway = serving(trial)) {
            assertThat(http1(gateway, "GET", "a.test", "/")).startsWith("HTTP/1.1 200 ");
            assertThat(gateway.firstFacts().policy.trial())
                    .isEqualTo("rbac_access_denied_matched_policy[ns[default]-policy[trial]-rule[0]]");
        }
    }

    @Test
    void aPolicyIsInForceAsSoonAsItIsApplied() throws Exception {
        try (TestGateway gateway = serving("")) {
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
            gateway.apply(ROUTES + Yaml.service("up.internal", 1) + policy("deny-all", "action: DENY\nrules: [{}]"));
            assertThat(get(gateway, "a.test", "/")).isEqualTo(403);
            gateway.apply(ROUTES + Yaml.service("up.internal", 1));
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
        }
    }
}
