package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What denies a request to endpoints denies it by what it was and by what its route has made of it: as the endpoints'
/// own proxies would, which see nothing else. What allows it is about the request as it came.
class RewrittenRequestTest {
    private static String routes(int endpoint, String changes) {
        return Yaml.httpGateway("*")
                + Yaml.virtualService("a.test", """
                        - match: [{uri: {prefix: /shop}}]
                          route: [{destination: {host: svc.internal, port: {number: 80}}}]
                          %s
                        """.formatted(changes))
                + Yaml.service("svc.internal", endpoint).replace("ports: {port:", "labels: {app: svc}, ports: {port:");
    }

    private static String guard(String spec) {
        return policy("guard", "selector: {matchLabels: {app: svc}}\n" + spec);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rewrite: {uri: /}                            | operation: {paths: [/admin]}              | /shop/admin   | 403",
                "rewrite: {uri: /}                            | operation: {paths: ['/admin/*']}          | /shop/admin/x | 403",
                "rewrite: {uri: /}                            | operation: {paths: ['/{*}/x']}            | /shop/admin/x | 403",
                "rewrite: {uri: /}                            | operation: {paths: [/admin]}              | /shop/admin;a | 403",
                "rewrite: {uri: /}                            | operation: {paths: [/admin]}              | /shop/admin?q | 403",
                "rewrite: {uri: /}                            | operation: {paths: [/admin]}              | /shop/other   | 200",
                "rewrite: {uri: /}                            | operation: {notPaths: ['/shop/*']}        | /shop/x       | 403",
                "rewrite: {uri: /x}                           | operation: {paths: ['/shop*']}            | /shop         | 403",
                "rewrite: {uriRegexRewrite: {match: '^/shop/(.*)$', rewrite: '/\\1/y'}} | operation: {paths: [/admin/y]} | /shop/admin | 403",
                "rewrite: {authority: svc.ext}                | operation: {hosts: [svc.ext]}             | /shop         | 403",
                "rewrite: {authority: svc.ext}                | operation: {hosts: [other.ext]}           | /shop         | 200",
                "rewrite: {authority: 'svc.ext:8080'}         | operation: {hosts: [svc.ext]}             | /shop         | 403",
                "headers: {request: {set: {host: svc.ext}}}   | operation: {hosts: [svc.ext]}             | /shop         | 403",
                "headers: {request: {set: {x-role: admin}}}   | when: 'request.headers[x-role]=admin'     | /shop         | 403",
                "headers: {request: {add: {x-role: admin}}}   | when: 'request.headers[x-role]=admin'     | /shop         | 403",
                "headers: {request: {set: {x-role: user}}}    | when: 'request.headers[x-role]=admin'     | /shop         | 200",
                "rewrite: {uri: /y}                           | when: 'request.headers[:path]=/y/x?q'     | /shop/x?q     | 403",
                "rewrite: {authority: svc.ext}                | when: 'request.headers[:authority]=svc.ext' | /shop       | 403",
            })
    void isDeniedAsItIsSent(String changes, String asked, String target, int status) throws Exception {
        String rule = asked.startsWith("operation")
                ? "to: [{%s}]".formatted(asked)
                : "when: [{key: \"%s\", values: [\"%s\"]}]"
                        .formatted(
                                asked.substring("when: '".length(), asked.indexOf('=')),
                                asked.substring(asked.indexOf('=') + 1, asked.length() - 1));
        try (RawUpstream upstream = RawUpstream.ok("served");
                TestGateway gateway = TestGateway.serving(
                        routes(upstream.port(), changes) + guard("action: DENY\nrules: [{%s}]".formatted(rule)))) {
            assertThat(get(gateway, "a.test", target)).isEqualTo(status);

            JsonObject said = new JsonObject(new Explainer(gateway.read().plan(), ProxySettings.DEFAULT)
                    .explain(ExplainedRequest.of(
                            "http://a.test" + target,
                            "GET",
                            List.of(),
                            80,
                            null,
                            new ExplainedRequest.Client(null, null, "127.0.0.1")))
                    .json());
            assertThat(said.getString("details"))
                    .as(said.encodePrettily())
                    .isEqualTo(
                            status == 200
                                    ? null
                                    : "rbac_access_denied_matched_policy[ns[default]-policy[guard]-rule[0]]");
            assertThat(upstream.connectionCount() > 0).isEqualTo(status == 200);
        }
    }

    private static final String COPIED = """
            - match: [{uri: {prefix: /shop}}]
              headers: {request: {set: {x-copy: '%REQ(x-role)%'}}}
              route:
              - {destination: {host: svc.internal, port: {number: 80}}, weight: 100, headers: {request: {set: {x-role: admin}}}}
              - {destination: {host: none.internal, port: {number: 80}}, weight: 0}
            """;
    private static final String REMOVED = """
            - match: [{uri: {prefix: /shop}}]
              headers: {request: {remove: [x-role], set: {x-copy: '%REQ(x-role)%'}}}
              route: [{destination: {host: svc.internal, port: {number: 80}}}]
            """;

    /// Values that are made for each request are made of what is sent by then.
    @ParameterizedTest
    @CsvSource({"true, admin, 403", "true, user, 200", "false, user, 200", "false, mine, 403"})
    void composedValues(boolean copied, String denied, int status) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("served");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.virtualService("a.test", copied ? COPIED : REMOVED)
                        + Yaml.service("none.internal", 1)
                        + Yaml.service("svc.internal", upstream.port())
                                .replace("ports: {port:", "labels: {app: svc}, ports: {port:")
                        + guard("action: DENY\nrules: [{when: [{key: \"request.headers[x-copy]\", values: [%s]}]}]"
                                .formatted(denied)))) {
            assertThat(get(gateway, "a.test", "/shop", "x-role", "user", "x-copy", "mine"))
                    .isEqualTo(status);
        }
    }

    /// What keeps a request from being sent comes behind denials and faults.
    @Test
    void aFailureOfTheRouteDoesNotComeFirst() throws Exception {
        String routes = Yaml.httpGateway("*")
                + Yaml.virtualService("a.test", """
                        - match: [{uri: {prefix: /static}, headers: {x-fault: {exact: a}}}]
                          fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
                          rewrite: {uri: /files/}
                          route: [{destination: {host: svc.internal, port: {number: 80}}}]
                        - match: [{uri: {prefix: /static}}]
                          rewrite: {uri: /files/}
                          route: [{destination: {host: svc.internal, port: {number: 80}}}]
                        """)
                + Yaml.service("svc.internal", 1).replace("ports: {port:", "labels: {app: svc}, ports: {port:");
        String denied =
                "action: DENY\nrules: [{to: [{operation: {methods: [GET]}}], when: [{key: \"request.headers[x-who]\", values: [bad]}]}]";
        try (TestGateway gateway = TestGateway.serving(routes + guard(denied))) {
            assertThat(get(gateway, "a.test", "/static../x", "x-who", "bad")).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/static../x", "x-fault", "a")).isEqualTo(418);
            assertThat(get(gateway, "a.test", "/static../x")).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @CsvSource({"'/shop/*', 200", "/admin, 403"})
    void isAllowedAsItCame(String path, int status) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("served");
                TestGateway gateway = TestGateway.serving(routes(upstream.port(), "rewrite: {uri: /}")
                        + guard("rules: [{to: [{operation: {paths: [\"%s\"]}}]}]".formatted(path)))) {
            assertThat(get(gateway, "a.test", "/shop/admin")).isEqualTo(status);
        }
    }

    @Test
    void anAuthorizerIsAskedByWhatIsSent() throws Exception {
        try (RawUpstream authorizer = RawUpstream.ok("");
                RawUpstream upstream = RawUpstream.ok("served");
                TestGateway gateway = TestGateway.serving(
                        routes(upstream.port(), "rewrite: {uri: /}")
                                + Yaml.service("authz.internal", authorizer.port())
                                + AuthorizationFixture.provider("envoyExtAuthzHttp")
                                + guard(
                                        "action: CUSTOM\nprovider: {name: gate}\nrules: [{to: [{operation: {paths: [/admin]}}]}]"))) {
            assertThat(get(gateway, "a.test", "/shop/other")).isEqualTo(200);
            assertThat(authorizer.connectionCount()).isZero();
            assertThat(get(gateway, "a.test", "/shop/admin")).isEqualTo(200);
            assertThat(authorizer.received()).contains("GET //admin HTTP/1.1").doesNotContain("/shop");
        }
    }

    /// Whom nobody can ask denies all that he would be asked about.
    @Test
    void whatNobodyCanBeAskedAboutIsDeniedByWhatIsSent() throws Exception {
        String unusable = AuthorizationFixture.provider("envoyExtAuthzHttp")
                + guard("action: CUSTOM\nprovider: {name: tracer}\nrules: [{to: [{operation: {paths: [/admin]}}]}]");
        try (RawUpstream upstream = RawUpstream.ok("served");
                TestGateway gateway = TestGateway.serving(routes(upstream.port(), "rewrite: {uri: /}") + unusable)) {
            assertThat(get(gateway, "a.test", "/shop/admin")).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/shop/other")).isEqualTo(200);
        }
    }

    @Test
    void aMirrorIsDeniedByWhatIsSent() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("served");
                RawUpstream guarded = RawUpstream.ok("guarded");
                RawUpstream open = RawUpstream.ok("open");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.virtualService("a.test", """
                                - match: [{uri: {prefix: /shop}}]
                                  rewrite: {uri: /}
                                  route: [{destination: {host: up.internal, port: {number: 80}}}]
                                  mirrors:
                                  - {destination: {host: svc.internal, port: {number: 80}}}
                                  - {destination: {host: open.internal, port: {number: 80}}}
                                """)
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.service("open.internal", open.port())
                        + Yaml.service("svc.internal", guarded.port())
                                .replace("ports: {port:", "labels: {app: svc}, ports: {port:")
                        + guard("action: DENY\nrules: [{to: [{operation: {paths: [/admin]}}]}]"))) {
            assertThat(get(gateway, "a.test", "/shop/admin")).isEqualTo(200);
            await().until(() -> open.connectionCount() > 0);
            assertThat(guarded.connectionCount()).isZero();
            assertThat(get(gateway, "a.test", "/shop/other")).isEqualTo(200);
            await().until(() -> guarded.connectionCount() > 0);
            assertThat(guarded.received())
                    .containsIgnoringCase("host: a.test-shadow")
                    .doesNotContain("/admin");
        }
    }
}
