package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainCommandTest {
    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 80, name: http, protocol: HTTP}
                hosts: ["shop.example"]
              - port: {number: 443, name: https, protocol: HTTPS}
                hosts: ["shop.example"]
                tls: {mode: SIMPLE, credentialName: shop}
              - port: {number: 443, name: tls, protocol: TLS}
                hosts: ["vault.example"]
                tls: {mode: PASSTHROUGH}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: payments}
            spec:
              hosts: [payments.default.svc.cluster.local]
              resolution: STATIC
              location: MESH_INTERNAL
              ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
              endpoints:
              - {address: 10.0.0.1, labels: {version: v1}}
              - {address: 10.0.0.2, labels: {version: v2}}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: payments}
            spec:
              host: payments
              subsets:
              - {name: v1, labels: {version: v1}}
              - {name: v2, labels: {version: v2}}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop}
            spec:
              hosts: [shop.example]
              gateways: [edge]
              http:
              - name: v1
                match: [{uri: {prefix: /v1}}]
                rewrite: {uri: /}
                timeout: 3s
                retries: {attempts: 3, retryOn: "5xx,429", perTryTimeout: 900ms}
                headers: {request: {set: {x-team: pay}}}
                route:
                - {destination: {host: payments, subset: v1}, weight: 90}
                - {destination: {host: payments, subset: v2}, weight: 10}
              - match: [{uri: {exact: /old}}]
                redirect: {uri: /new}
              - match: [{uri: {exact: /down}}]
                route: [{destination: {host: payments, subset: stable}}]
              - match: [{uri: {exact: /ping}}]
                directResponse: {status: 204}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: vault}
            spec:
              hosts: [vault.example]
              gateways: [edge]
              tls:
              - match: [{sniHosts: [vault.example]}]
                route: [{destination: {host: vault, port: {number: 8200}}}]
            """;

    @TempDir
    Path directory;

    private final Commands commands = new Commands();

    @BeforeEach
    void write() throws IOException {
        Files.writeString(directory.resolve("config.yaml"), CONFIGURATION);
    }

    private JsonObject explain(int exit, String... arguments) {
        String[] all = new String[arguments.length + 4];
        all[0] = "explain";
        all[1] = directory.toString();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        all[all.length - 2] = "-o";
        all[all.length - 1] = "json";
        assertThat(commands.run(all))
                .as(String.join(" ", all) + commands.err() + commands.out())
                .isEqualTo(exit);
        return new JsonObject(commands.out());
    }

    @Test
    void policiesSayWhichRuleDecidesAndWhichConditionFails() throws IOException {
        Files.writeString(directory.resolve("policy.yaml"), """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: billing}
                spec:
                  rules: [{from: [{source: {principals: [cluster.local/ns/a/sa/billing]}}]}]
                """);
        JsonObject denied = explain(3, "--url", "http://shop.example/v1/cart");
        assertThat(denied.getInteger("status")).isEqualTo(403);
        assertThat(denied.getString("details")).isEqualTo("rbac_access_denied_matched_policy[none]");
        JsonObject opinion = denied.getJsonArray("policies").getJsonObject(0);
        assertThat(opinion.getString("policy")).isEqualTo("default/billing");
        assertThat(opinion.getInteger("rule")).isNull();
        assertThat(opinion.getString("mismatch"))
                .isEqualTo("source.principal [cluster.local/ns/a/sa/billing] does not hold:"
                        + " the client has no verified certificate");

        JsonObject allowed = explain(
                0, "--url", "http://shop.example/v1/cart", "--principal", "spiffe://cluster.local/ns/a/sa/billing");
        assertThat(allowed.getJsonArray("policies").getJsonObject(0).getInteger("rule"))
                .isZero();
    }

    @Test
    void aForwardNamesListenerRouteClustersAndTheUpstreamRequest() {
        JsonObject answer = explain(0, "--url", "http://shop.example/v1/cart?id=7", "-H", "X-User: ann");

        String file = directory.resolve("config.yaml").toString();
        assertThat(answer).isEqualTo(new JsonObject("""
                {"listener": {"gateway": "default/edge", "server": "http", "port": 80, "bind": "0.0.0.0:80", "tls": "NONE"},
                 "virtualHost": "shop.example:80",
                 "route": {"virtualService": "default/shop", "name": "v1", "index": 0, "match": 0, "held": null},
                 "filters": [], "action": "forward",
                 "timeout": {"value": "3s", "source": "FILE:ROUTE"},
                 "retries": {"attempts": 3, "on": "5xx,429", "perTryTimeout": "900ms", "backoff": "25ms",
                             "lateTries": false, "triedHosts": "AVOIDED_UNLESS_HASHED", "triedLocalities": "ALLOWED",
                             "source": "FILE:RETRIES"},
                 "clusters": [
                   {"name": "outbound|80|v1|payments.default.svc.cluster.local",
                    "host": "payments.default.svc.cluster.local", "subset": "v1", "port": 80, "weight": 90,
                    "endpoints": ["10.0.0.1:8080"],
                    "policy": {"loadBalancing": "LEAST_REQUEST", "protocol": "HTTP1", "connectTimeout": "10s",
                      "idleTimeout": "3600s", "maxRequestsPerConnection": 0,
                      "source": "DestinationRule default/payments (FILE:RULE)",
                      "protection": PROTECTION}},
                   {"name": "outbound|80|v2|payments.default.svc.cluster.local",
                    "host": "payments.default.svc.cluster.local", "subset": "v2", "port": 80, "weight": 10,
                    "endpoints": ["10.0.0.2:8080"],
                    "policy": {"loadBalancing": "LEAST_REQUEST", "protocol": "HTTP1", "connectTimeout": "10s",
                      "idleTimeout": "3600s", "maxRequestsPerConnection": 0,
                      "source": "DestinationRule default/payments (FILE:RULE)",
                      "protection": PROTECTION}}],
                 "redirect": null,
                 "upstreamRequest": {"authority": "shop.example", "path": "//cart?id=7", "tls": null,
                   "headers": {"x-user": "ann", "x-forwarded-for": "127.0.0.1", "x-envoy-external-address": "127.0.0.1", "x-forwarded-proto": "http",
                               "x-envoy-expected-rq-timeout-ms": "900", "x-team": "pay", "x-envoy-original-path": "/v1/cart?id=7"}},
                 "status": null, "flag": null, "details": null,"permit":null,"explanation":null, "tokens": [], "policies": [],
                 "decision": null, "log": null,
                 "considered": []}
                """.replace("PROTECTION", """
                        {"limits": {"source": "default",
                           "does": "unlimited connections, unlimited waiting requests, unlimited active requests"},
                         "outliers": {"does": "no detection", "source": "default"},
                         "retryBudget": {"does": "20 % of the requests of 10s, 3 at once and a second always",
                           "source": "default"}}
                        """)
                .replace("FILE:RULE", file + ":" + line("kind: DestinationRule"))
                .replace("FILE:ROUTE", file + ":" + line("- name: v1"))
                .replace("FILE:RETRIES", file + ":" + line("retries:"))));
    }

    /// The line of the configuration, from 1, that this is on; where it stands at its beginning, the one before.
    private static int line(String text) {
        return (int)
                CONFIGURATION.substring(0, CONFIGURATION.indexOf(text)).lines().count();
    }

    @Test
    void aRouteThatSaysNothingHasIstiosRetriesAndNoTimeout() {
        JsonObject answer = explain(3, "--url", "http://shop.example/down");

        assertThat(answer.getJsonObject("timeout")).isEqualTo(new JsonObject("""
                {"value": "none", "source": "default"}"""));
        assertThat(answer.getJsonObject("retries").getInteger("attempts")).isEqualTo(2);
        assertThat(answer.getJsonObject("retries").getString("source")).isEqualTo("default");
    }

    @Test
    void whatWasConsideredIsSaidWithTheReason() {
        JsonObject answer = explain(0, "--url", "http://shop.example/ping");

        assertThat(answer.getString("action")).isEqualTo("direct_response");
        assertThat(answer.getInteger("status")).isEqualTo(204);
        assertThat(answer.getJsonArray("considered").getJsonObject(0))
                .isEqualTo(new JsonObject()
                        .put("virtualService", "default/shop")
                        .put("route", "v1")
                        .put("match", 0)
                        .put("why", "uri prefix /v1 does not match /ping"));
    }

    @Test
    void redirectsSayWhereTo() {
        JsonObject answer = explain(0, "--url", "http://shop.example/old?a=b");

        assertThat(answer.getString("action")).isEqualTo("redirect");
        assertThat(answer.getJsonObject("redirect"))
                .isEqualTo(new JsonObject()
                        .put("location", "http://shop.example/new?a=b")
                        .put("status", 301));
    }

    /// Without `--identity` the gateway is taken to have one.
    @Test
    void mutualTlsOfTheMeshIsExplainedWithoutAnIdentity() throws Exception {
        Path mesh = Files.createTempDirectory(directory, "mesh");
        Files.writeString(
                mesh.resolve("mesh.yaml"),
                Yaml.httpGateway("*")
                        + Yaml.service("up.internal", 8080)
                        + Yaml.forwardAll("a.example", "up.internal")
                        + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: up}
                spec:
                  host: up.internal
                  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}
                """);
        Commands commands = new Commands();
        assertThat(commands.run("explain", mesh.toString(), "--url", "http://a.example/"))
                .isZero();
        assertThat(commands.out()).contains("outbound|80||up.internal").doesNotContain("NC");
    }

    @Test
    void refusalsExitWithThree() {
        record Refusal(List<String> arguments, Integer status, String flag, String details) {}
        List<Refusal> refusals = List.of(
                new Refusal(List.of("--url", "http://shop.example/none"), 404, "NR", "route_not_found"),
                new Refusal(List.of("--url", "http://other.example/"), 404, "NR", "virtual_host_not_found"),
                new Refusal(List.of("--url", "http://shop.example/down"), 503, "NC", "cluster_not_found"),
                new Refusal(List.of("--url", "http://shop.example/a%00b"), 400, "DPE", "path_normalization_failed"),
                new Refusal(List.of("--url", "http://shop.example/", "-X", "TRACE"), 405, "DPE", "method_not_allowed"),
                new Refusal(List.of("--url", "https://other.example/"), null, "NR", "filter_chain_not_found"),
                new Refusal(
                        List.of("--url", "https://vault.example/", "--sni", "shop.example"),
                        421,
                        "NR",
                        "misdirected_request"),
                new Refusal(List.of("--url", "http://shop.example:81/"), null, null, "no_listener_on_port_81"));
        for (Refusal refusal : refusals) {
            JsonObject answer = explain(3, refusal.arguments().toArray(String[]::new));

            assertThat(answer.getInteger("status")).as(answer.encode()).isEqualTo(refusal.status());
            assertThat(answer.getString("flag")).as(answer.encode()).isEqualTo(refusal.flag());
            assertThat(answer.getString("details")).isEqualTo(refusal.details());
        }
    }

    @Test
    void aHostThatNothingAnswersForIsExplained() throws Exception {
        Files.writeString(
                directory.resolve("more.yaml"),
                """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: narrow}
                spec:
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: ["team/named.example", "./own.example", "port.example"]
                  - port: {number: 8080, name: http-alt, protocol: HTTP}
                    hosts: ["alt.example"]
                """ + service("named", "narrow", "named.example", "")
                        + service("mesh", "mesh", "inner.example", "") + service("alt", "narrow", "alt.example", "")
                        + service("unheard", "narrow", "free.example", "")
                        + service("hidden", "narrow", "port.example", "  exportTo: [elsewhere]\n")
                        + service("wide", "narrow", "\"*.wide.example\"", ""));
        record Case(String url, String details, List<String> words) {}
        List<Case> cases = List.of(
                new Case(
                        "http://named.example",
                        "virtual_host_not_found",
                        List.of("VirtualService default/named", "on port 80 to the namespace team only")),
                new Case("http://inner.example", "virtual_host_not_found", List.of("default/mesh", "only to the mesh")),
                new Case("http://alt.example", "virtual_host_not_found", List.of("on 8080 only", "served on 8080")),
                new Case(
                        "http://port.example",
                        "virtual_host_not_found",
                        List.of("not exported to the namespace default")),
                new Case(
                        "http://free.example",
                        "virtual_host_not_found",
                        List.of("whose hosts on port 80 are named.example")),
                new Case("http://a.wide.example", "virtual_host_not_found", List.of("VirtualService default/wide")),
                new Case(
                        "http://shpo.example",
                        "virtual_host_not_found",
                        List.of(
                                "no VirtualService has the host shpo.example; did you mean",
                                "the ports are 80, 443, 8080")),
                new Case("http://shop.example:81", "no_listener_on_port_81", List.of("the ports are 80, 443, 8080")),
                new Case(
                        "https://named.example",
                        "filter_chain_not_found",
                        List.of("port 443 are shop.example, vault.example")));
        for (Case tried : cases) {
            JsonObject answer = explain(3, "--url", tried.url);
            assertThat(answer.getString("details")).as(tried.url).isEqualTo(tried.details);
            assertThat(answer.getString("explanation")).as(tried.url).contains(tried.words);
            assertThat(commands.run("explain", directory.toString(), "--url", tried.url))
                    .isEqualTo(3);
            assertThat(commands.out()).contains(tried.words);
        }
    }

    @Test
    void aGatewayOfAnotherInstanceIsNamed() throws Exception {
        Files.writeString(directory.resolve("more.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: other}
                spec:
                  selector: {istio: elsewhere}
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: ["*"]
                """ + service("unselected", "other", "out.example", ""));

        JsonObject answer = explain(3, "--url", "http://out.example", "--labels", "istio=ingressgateway");

        assertThat(answer.getString("explanation"))
                .contains("VirtualService default/unselected", "selector does not select this instance");
    }

    private static String service(String name, String gateway, String host, String more) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  gateways: [%s]
                  http: [{directResponse: {status: 200}}]
                %s""".formatted(name, host, gateway, more);
    }

    /// As with secrets: they are where the gateway runs.
    @Test
    void certificatesInFilesAreNotLookedForWithoutADirectoryOfSecrets() throws Exception {
        String files = "serverCertificate: /nowhere/tls.crt, privateKey: /nowhere/tls.key";
        Files.writeString(
                directory.resolve("files.yaml"),
                """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: files}
                spec:
                  servers:
                  - port: {number: 9443, name: https, protocol: HTTPS}
                    hosts: ["files.example"]
                    tls: {mode: SIMPLE, FILES}
                  - port: {number: 9443, name: https-mutual, protocol: HTTPS}
                    hosts: ["mutual.example"]
                    tls: {mode: MUTUAL, FILES, caCertificates: /nowhere/ca.crt, caCrl: /nowhere/ca.crl}
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: secured}
                spec:
                  hosts: [simple.internal, mutual.internal, mesh.internal]
                  resolution: STATIC
                  location: MESH_INTERNAL
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints: [{address: 10.0.0.3}]
                """.replace("FILES", files) + rule("simple", "SIMPLE, caCertificates: /nowhere/ca.crt")
                        + rule("mutual", "MUTUAL, clientCertificate: /nowhere/a, privateKey: /nowhere/b")
                        + rule("mesh", "ISTIO_MUTUAL") + """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: files}
                spec:
                  hosts: [files.example, mutual.example]
                  gateways: [files]
                  http:
                  - match: [{uri: {prefix: /simple}}]
                    route: [{destination: {host: simple.internal}, weight: 1}]
                  - match: [{uri: {prefix: /mutual}}]
                    route: [{destination: {host: mutual.internal}}]
                  - route: [{destination: {host: mesh.internal}, weight: 0}]
                """);

        assertThat(commands.run("validate", directory.toString()))
                .as(commands.out() + commands.err())
                .isZero();
        for (String host : List.of("files.example", "mutual.example")) {
            for (String path : List.of("/simple", "/mutual", "/mesh")) {
                JsonObject answer = explain(0, "--url", "https://" + host + ":9443" + path);
                assertThat(answer.getString("action")).isEqualTo("forward");
                assertThat(answer.getJsonArray("clusters").getJsonObject(0).getInteger("weight"))
                        .isEqualTo(100);
            }
        }
        assertThat(commands.run("explain", directory.toString(), "--url", "https://files.example:9443/simple"))
                .isZero();
        assertThat(commands.out()).contains("weight 100: STATIC 10.0.0.3:80");

        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        assertThat(commands.run("validate", directory.toString(), "--secrets", secrets.toString(), "--strict"))
                .isEqualTo(1);
        assertThat(commands.out() + commands.err()).contains("/nowhere/tls.crt");
    }

    private static String rule(String service, String tls) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: %s}
                spec:
                  host: %s.internal
                  trafficPolicy: {tls: {mode: %s}}
                """.formatted(service, service, tls);
    }

    /// Whatever somebody asks about is answered, in both forms and on every kind of port.
    @Test
    void oddServerNamesAreAnsweredToo() throws Exception {
        Files.writeString(directory.resolve("auto.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: auto}
                spec:
                  servers:
                  - port: {number: 15443, name: tls-auto, protocol: TLS}
                    hosts: ["*.local", "*.h", "*"]
                    tls: {mode: AUTO_PASSTHROUGH}
                """);
        List<String> parts = List.of(
                "outbound",
                "_.",
                "_",
                ".",
                "80",
                "x",
                "-1",
                "99999999999",
                "|",
                "||",
                "h",
                "*",
                "payments.default.svc.cluster.local",
                " ",
                "\u00e4",
                "\ud800",
                "[::1]",
                "%s",
                "V1",
                "shop.example",
                "");
        Random random = new Random(11);
        List<String> names = new ArrayList<>(List.of(
                "",
                "outbound_.x_._.h",
                "outbound_.80_._.payments.default.svc.cluster.local",
                "outbound_._._.",
                "outbound|x||h",
                "|||",
                "outbound_.80_.v1_.h",
                "OUTBOUND_.80_._.H",
                ".",
                "..",
                "a.".repeat(200)));
        for (int i = 0; i < 30; i++) {
            StringBuilder name = new StringBuilder();
            for (int part = random.nextInt(8); part >= 0; part--) {
                name.append(parts.get(random.nextInt(parts.size())));
            }
            names.add(name.toString());
        }
        for (String name : names) {
            for (String output : List.of("text", "json")) {
                for (List<String> about : List.of(
                        List.of("--url", "https://shop.example:15443/"),
                        List.of("--url", "https://shop.example/"),
                        List.of("--via", "mesh"),
                        List.of("--connect", "shop.example:443"))) {
                    List<String> arguments = new ArrayList<>(List.of("explain", directory.toString()));
                    arguments.addAll(about);
                    arguments.addAll(List.of("--sni", name, "-o", output));
                    assertThat(commands.run(arguments.toArray(String[]::new)))
                            .as(arguments + commands.err())
                            .isIn(0, 3);
                    assertThat(commands.out()).isNotBlank();
                }
            }
        }
    }

    /// Whether or not the chosen chain has a virtual host for the request's host.
    @Test
    void aMisdirectedRequestSaysWhoseTheHostIs() throws Exception {
        Files.writeString(directory.resolve("strict.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: wide}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["*.wide.example"]
                    tls: {mode: SIMPLE, credentialName: shop}
                ---
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: strict}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["mu.wide.example"]
                    tls: {mode: MUTUAL, credentialName: shop}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: mu}
                spec:
                  hosts: [mu.wide.example]
                  gateways: [wide, strict]
                  http: [{directResponse: {status: 200}}]
                """);

        JsonObject answer = explain(3, "--url", "https://MU.wide.example:443/", "--sni", "a.wide.example");
        assertThat(answer.getInteger("status")).isEqualTo(421);
        assertThat(answer.getString("details")).isEqualTo("misdirected_request");
        assertThat(answer.getJsonObject("listener").getString("gateway")).isEqualTo("default/wide");
        assertThat(answer.getString("explanation"))
                .contains(
                        "mu.wide.example belongs to default/strict/https:443", "a.wide.example leads to default/wide");

        assertThat(explain(0, "--url", "https://mu.wide.example/").getInteger("status"))
                .isEqualTo(200);
        assertThat(commands.run("validate", directory.toString())).isZero();
        assertThat(commands.out() + commands.err()).contains("SAL3035");
    }

    @Test
    void passthroughIsTls() {
        JsonObject answer = explain(0, "--url", "https://vault.example/");

        assertThat(answer.getString("action")).isEqualTo("tls");
        assertThat(answer.getJsonObject("listener").getString("tls")).isEqualTo("PASSTHROUGH");
        assertThat(answer.getJsonArray("clusters").getJsonObject(0).getString("name"))
                .isEqualTo("outbound|8200||vault.default.svc.cluster.local");
    }

    @Test
    void aFileOfRequestsGetsALineEach() throws Exception {
        Path requests = Files.writeString(directory.resolve("requests.txt"), """
                - {port: 80, host: shop.example, path: /v1}
                - {port: 443, tls: true, sni: shop.example, host: shop.example, method: POST, path: /none, headers: {x: "y"}}
                - {port: 80, host: nowhere.example}
                """);

        assertThat(commands.run("explain", directory.toString(), "--requests", requests.toString()))
                .isZero();

        JsonArray answers =
                new JsonArray("[" + String.join(",", commands.out().strip().split("\n")) + "]");
        assertThat(answers.size()).isEqualTo(3);
        assertThat(answers.getJsonObject(0).getString("action")).isEqualTo("forward");
        assertThat(answers.getJsonObject(1).getJsonObject("listener").getString("tls"))
                .isEqualTo("TERMINATE");
        assertThat(answers.getJsonObject(1).getString("details")).isEqualTo("route_not_found");
        assertThat(answers.getJsonObject(2).getString("flag")).isEqualTo("NR");
    }

    /// A listener takes blanks off a value's ends (RFC 9110, 5.5), and answers 400 where a name or value is none.
    @Test
    void fieldsAreReadAsAListenerReadsThem() throws Exception {
        Files.writeString(
                directory.resolve("config.yaml"),
                CONFIGURATION.replace("[{uri: {exact: /ping}}]", "[{headers: {x-role: {exact: admin}}}]"));
        Path requests = Files.writeString(directory.resolve("requests.txt"), """
                - {host: shop.example, path: /none, headers: {x-role: "admin "}}
                - {host: shop.example, path: /none, headers: {x-role: "\\t admin\\t"}}
                - {host: shop.example, path: /none, headers: {x-role: "admin\\u2003"}}
                - {host: shop.example, path: /none, headers: {x-role: }}
                """);

        assertThat(commands.run("explain", directory.toString(), "--requests", requests.toString()))
                .isZero();
        assertThat(commands.out().lines().map(line -> new JsonObject(line).getInteger("status")))
                .containsExactly(204, 204, 404, 404);
        assertThat(explain(0, "--url", "http://shop.example/none", "-H", "x-role: \t admin ")
                        .getInteger("status"))
                .isEqualTo(204);
    }

    @ParameterizedTest
    @CsvSource({
        "'headers: {\"x y\": z}', \"x y\" is no name of a header",
        "'headers: {\"\": z}', \"\" is no name of a header",
        "'headers: {x: \"a\\nx-role: admin\"}', header x has a control character",
        "'headers: {x: \"a\\0\"}', header x has a control character",
        "'headers: {x: [a]}', header \"x\" is no text",
        "'method: \"GE T\"', \"GE T\" is no method",
        "'sourceIp: \"10.1.1.1:80\"', \"10.1.1.1:80\"",
        "'sourceIp: \"10.1\"', \"10.1\"",
        "'headers: {HOST: z}', the host is said elsewhere",
        "'tls: maybe', tls is true or false",
    })
    void whatAListenerRefusesIsNotExplained(String field, String reason) throws Exception {
        Path requests = Files.writeString(
                directory.resolve("requests.txt"), "- {host: shop.example}\n- {host: shop.example, " + field + "}\n");

        assertThat(commands.run("explain", directory.toString(), "--requests", requests.toString()))
                .isEqualTo(2);
        assertThat(commands.err()).contains("request 2: ", reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x : y", "x: a\fb", "x: y\n"})
    void whatAListenerRefusesIsNoHeader(String header) {
        assertThat(commands.run("explain", directory.toString(), "--url", "http://shop.example/v1", "-H", header))
                .isEqualTo(2);
        assertThat(commands.err()).contains("serve answers 400");
    }

    /// As with curl, whose `-H` it is.
    @Test
    void theHostFieldIsSentInsteadOfTheUrls() {
        JsonObject answer = explain(0, "--url", "http://127.0.0.1/ping", "-H", "Host: shop.example");
        assertThat(answer).isEqualTo(explain(0, "--url", "http://shop.example/ping"));
        assertThat(explain(3, "--url", "http://shop.example/ping", "-H", "hOST: none.example")
                        .getString("flag"))
                .isEqualTo("NR");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --url http://a.x/ --source-ip 10.1.1.1:80 | an IP address, without a port
        --url http://a.x/ --source-ip foo         | an IP address, without a port
        --url http://a.x/ -H Host:a -H host:b     | two Host fields
        --url ftp://a.x/                          | begins with http:// or https://
        --url http://a.x/ --connect a.x:443       | --url and --connect are two requests
        --requests none.yaml                      | --requests none.yaml cannot be read: java.nio.file.NoSuchFile
        """)
    void aQuestionThatNobodyCanAskIsAnErrorOfTheCommandLine(String arguments, String reason) {
        List<String> all = new ArrayList<>(List.of("explain", directory.toString()));
        all.addAll(List.of(arguments.split(" ")));
        assertThat(commands.run(all.toArray(String[]::new))).isEqualTo(2);
        assertThat(commands.err()).contains(reason);
    }

    @Test
    void aNameThatTheSettingRefusesIsRefused() {
        JsonObject answer = explain(3, "--url", "http://shop.example/v1", "-H", "x_role: admin");

        assertThat(answer.getInteger("status")).isEqualTo(400);
        assertThat(answer.getString("details")).isEqualTo("http1.field_name_underscore");
        assertThat(answer.getString("explanation")).contains("sallyport.reject-underscores");
    }

    @Test
    void namesAreShownOnOneLine() throws Exception {
        Files.writeString(
                directory.resolve("config.yaml"),
                CONFIGURATION.replace("- name: v1", "- name: \"v1\\n::error \\e[31m\""));

        commands.run("explain", directory.toString(), "--url", "http://shop.example/v1");

        assertThat(commands.out().lines()).noneMatch(line -> line.startsWith("::"));
        assertThat(commands.out()).contains("v1\\u{a}::error \\u{1b}[31m");
    }

    /// What a process would serve that starts with it.
    @Test
    void whatHasErrorsIsLeftOutAndNamed() throws Exception {
        Files.writeString(directory.resolve("broken.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: other}
                spek: {}
                spec:
                  hosts: [other.example]
                  gateways: [edge]
                  http: [{directResponse: {status: 200}}]
                """);

        assertThat(commands.run("explain", directory.toString(), "--url", "http://shop.example/v1"))
                .isZero();
        assertThat(commands.out()).contains("default/shop[0] v1");
        assertThat(commands.err().lines())
                .containsExactly(
                        "VirtualService default/other is left out: its hosts answer 404",
                        "    because: " + directory.resolve("broken.yaml")
                                + ":4:1: error SAL1101 spek: unknown field (did you mean \"spec\"?)");

        assertThat(commands.run("explain", directory.toString(), "--url", "http://other.example/"))
                .isEqualTo(3);
        assertThat(commands.out()).contains("404");
    }

    @Test
    void aFileThatCannotBeReadDeniesWhatItMayHaveProtected() throws Exception {
        Files.writeString(directory.resolve("broken.yaml"), "kind: AuthorizationPolicy\nspec: [");

        assertThat(commands.run("explain", directory.toString(), "--url", "http://shop.example/v1"))
                .isEqualTo(3);
        assertThat(commands.out()).contains("403", "broken.yaml (left out)");
        assertThat(commands.err()).contains("where it may hold policies", "broken.yaml:2");
    }

    @Test
    void aConfigurationThatIsRefusedIsExitOneWithItsProblems() throws Exception {
        Files.writeString(directory.resolve("config.yaml"), "kind: [");

        assertThat(commands.run("explain", directory.toString(), "--url", "http://shop.example/"))
                .isEqualTo(1);
        assertThat(commands.err()).contains("config.yaml:1").contains("SAL");
    }

    @Test
    void wrongUsageIsExitTwo() {
        assertThat(commands.run("explain", directory.toString())).isEqualTo(2);
        assertThat(commands.run("explain", directory.toString(), "--url", "http://a/", "-o", "xml"))
                .isEqualTo(2);
        assertThat(commands.run("explain", directory.toString(), "--url", "http://a/", "-H", "nocolon"))
                .isEqualTo(2);
    }
}
