package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertThat(commands.run(all)).as(commands.err()).isEqualTo(exit);
        return new JsonObject(commands.out());
    }

    @Test
    void aForwardNamesListenerRouteClustersAndTheUpstreamRequest() {
        JsonObject answer = explain(0, "--url", "http://shop.example/v1/cart?id=7", "-H", "X-User: ann");

        String file = directory.resolve("config.yaml").toString();
        assertThat(answer).isEqualTo(new JsonObject("""
                {"listener": {"gateway": "default/edge", "server": "http", "port": 80, "bind": "0.0.0.0:80", "tls": "NONE"},
                 "virtualHost": "shop.example:80",
                 "route": {"virtualService": "default/shop", "name": "v1", "index": 0, "match": 0},
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
                 "upstreamRequest": {"authority": "shop.example", "path": "//cart?id=7",
                   "headers": {"x-user": "ann", "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http",
                               "x-team": "pay"}},
                 "status": null, "flag": null, "details": null,"permit":null,"explanation":null, "considered": []}
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

    @Test
    void aBrokenConfigurationIsExitOneWithItsProblems() throws Exception {
        Files.writeString(directory.resolve("broken.yaml"), "kind: [");

        assertThat(commands.run("explain", directory.toString(), "--url", "http://shop.example/"))
                .isEqualTo(1);
        assertThat(commands.err()).contains("broken.yaml:1").contains("SAL");
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
