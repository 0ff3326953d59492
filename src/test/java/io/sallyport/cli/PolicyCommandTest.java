package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyCommandTest {
    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: payments}
            spec:
              hosts: [payments.test]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 80, name: http, protocol: HTTP}]
              endpoints: [{address: 10.0.0.1, labels: {app: payments}}]
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: payments}
            spec:
              selector: {matchLabels: {app: payments}}
              rules:
              - from: [{source: {principals: [cluster.local/ns/billing/sa/billing]}}, {source: {namespaces: [ops]}}]
                to: [{operation: {methods: [GET, POST], paths: ["/pay/*"]}}]
              - when: [{key: "request.headers[x-tier]", values: [gold]}]
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: admin}
            spec:
              selector: {matchLabels: {app: payments}}
              action: DENY
              rules: [{to: [{operation: {paths: [/admin], notPorts: ["1"]}}]}]
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: edge, annotations: {istio.io/dry-run: "true"}}
            spec:
              selector: {matchLabels: {istio: ingressgateway}}
              rules: [{from: [{source: {ipBlocks: [10.0.0.0/8], notIpBlocks: [10.0.0.1]}}]}]
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: lost, namespace: other}
            spec: {selector: {matchLabels: {app: x}}}
            """;

    @TempDir
    Path directory;

    private final Commands commands = new Commands();

    private int run(String configuration, String... more) throws IOException {
        Files.writeString(directory.resolve("a.yaml"), configuration);
        String[] arguments = new String[more.length + 4];
        arguments[0] = "policy";
        arguments[1] = directory.toString();
        arguments[2] = "--labels";
        arguments[3] = "istio=ingressgateway";
        System.arraycopy(more, 0, arguments, 4, more.length);
        return commands.run(arguments);
    }

    @Test
    void whoMayCallWhat() throws Exception {
        assertThat(run(CONFIGURATION)).isZero();

        assertThat(commands.out().lines().map(line -> line.replaceAll(" {2,}", " | ")
                        .replace(directory + "/", "")))
                .containsExactly(
                        "DESTINATION | ACTION | SOURCE | METHODS AND PATHS | WHEN | POLICY",
                        "service payments.test | DENY | anyone | /admin not port 1 | default/admin[0] (a.yaml:27)",
                        "service payments.test | ALLOW | cluster.local/ns/billing/sa/billing | GET|POST /pay/* | default/payments[0] (a.yaml:17)",
                        "service payments.test | ALLOW | namespace ops | GET|POST /pay/* | default/payments[0] (a.yaml:17)",
                        "service payments.test | ALLOW | anyone | anything | request.headers[x-tier] gold | default/payments[1] (a.yaml:19)",
                        "service payments.test | denied | anyone | anything else",
                        "this instance | ALLOW (dry run) | peer 10.0.0.0/8 and not peer 10.0.0.1 | anything | default/edge[0] (a.yaml:34)",
                        "this instance | allowed | anyone | anything else",
                        "workloads app=x of other | ALLOW | nobody | nothing | other/lost (a.yaml:36)",
                        "workloads app=x of other | denied | anyone | anything else");
    }

    @Test
    void asJson() throws Exception {
        assertThat(run(CONFIGURATION, "-o", "json")).isZero();

        JsonArray rows = new JsonArray(commands.out());
        assertThat(rows).hasSize(9);
        JsonObject first = rows.getJsonObject(0);
        assertThat(first.getString("destination")).isEqualTo("service payments.test");
        assertThat(first.getString("action")).isEqualTo("DENY");
        assertThat(first.getString("request")).isEqualTo("/admin not port 1");
        assertThat(first.getValue("when")).isNull();
    }

    @Test
    void withoutPolicies() throws Exception {
        assertThat(run(CONFIGURATION.substring(0, CONFIGURATION.indexOf("---"))))
                .isZero();
        assertThat(commands.out()).isEqualTo("no AuthorizationPolicy applies: everybody may call everything\n");
    }

    @Test
    void errorsOfTheConfigurationAreThePlaceToBegin() throws Exception {
        assertThat(run("kind: [")).isEqualTo(1);
        assertThat(commands.err()).contains("the configuration has errors");
    }
}
