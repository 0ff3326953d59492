package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import io.sallyport.testing.Yaml;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `explain --why-denied`: a line of the access log, explained by the configuration.
class WhyDeniedTest {
    private static final String HTTP = """
            {"start_time":"2026-11-28T22:00:00.000Z","method":"POST","path":"/pay/1?a=b","protocol":"HTTP/1.1","response_code":403,\
            "response_flags":"-","response_code_details":"rbac_access_denied_matched_policy[none]","authority":"shop.example",\
            "x_forwarded_for":"9.9.9.9,10.0.0.7","user_agent":"curl/8","request_id":"r","downstream_local_address":"10.1.1.1:80",\
            "downstream_remote_address":"10.0.0.7:51234","requested_server_name":null,"source_principal":PRINCIPAL}""";
    private static final String CONNECT = """
            {"method":"CONNECT","path":null,"response_code":403,"response_code_details":"rbac_access_denied_matched_policy[ns[default]-policy[tunnels]-rule[0]]",\
            "authority":"db.test:5432","downstream_local_address":"10.1.1.1:15001","downstream_remote_address":"[::1]:51234",\
            "egress_host":"db.test","egress_permit":null}""";

    @TempDir
    Path directory;

    private final Commands commands = new Commands();

    @BeforeEach
    void write() throws IOException {
        Files.writeString(
                directory.resolve("a.yaml"),
                Yaml.httpGateway("*") + Yaml.virtualService("shop.example", "- directResponse: {status: 200}") + """
                        apiVersion: security.istio.io/v1
                        kind: AuthorizationPolicy
                        metadata: {name: pay}
                        spec:
                          selector: {matchLabels: {istio: ingressgateway}}
                          rules:
                          - to: [{operation: {methods: [GET]}}]
                          - to: [{operation: {methods: [POST], paths: ["/pay/*"]}}]
                            from: [{source: {principals: [cluster.local/ns/a/sa/b]}}]
                          - from: [{source: {ipBlocks: [127.0.0.0/8, "::1"]}}]
                        ---
                        apiVersion: security.istio.io/v1
                        kind: AuthorizationPolicy
                        metadata: {name: tunnels}
                        spec:
                          selector: {matchLabels: {istio: ingressgateway}}
                          action: DENY
                          rules: [{to: [{operation: {methods: [CONNECT], hosts: ["db.test:5432"]}}]}]
                        """);
    }

    private int explain(String line) {
        String[] arguments = {"explain", directory.toString(), "--labels", "istio=ingressgateway", "--why-denied", line
        };
        return commands.run(arguments);
    }

    @Test
    void theNearestRuleAndItsConditionAreNamed() {
        assertThat(explain(HTTP.replace("PRINCIPAL", "null"))).isEqualTo(3);
        assertThat(commands.out().replace(directory + "/", ""))
                .startsWith("log           403 rbac_access_denied_matched_policy[none]\n")
                .contains(
                        "decision      denied: no ALLOW policy allows it; nearest is rule 1 of default/pay (a.yaml:19): source.principal"
                                + " [cluster.local/ns/a/sa/b] does not hold: the client has no verified certificate");
    }

    @Test
    void aRequestThatWouldPassNowIsCalledSo() {
        assertThat(explain(HTTP.replace("PRINCIPAL", "\"spiffe://cluster.local/ns/a/sa/b\"")))
                .isZero();
        assertThat(commands.out())
                .contains(
                        "403 rbac_access_denied_matched_policy[none]; now it would be let through: the configuration has")
                .contains("decision      allowed by rule 1 of default/pay");
    }

    @Test
    void tunnelsOfTheMeshListener() {
        assertThat(explain(CONNECT)).isEqualTo(3);
        assertThat(commands.out())
                .startsWith(
                        "log           403 rbac_access_denied_matched_policy[ns[default]-policy[tunnels]-rule[0]]\n")
                .contains("decision      denied by rule 0 of default/tunnels");
    }

    @Test
    void fromStandardInput() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(
                    ("\n" + HTTP.replace("PRINCIPAL", "null") + "\n").getBytes(StandardCharsets.UTF_8)));
            assertThat(explain("-")).isEqualTo(3);
            assertThat(commands.out()).startsWith("log           403 ");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void whatIsNoLineOfTheLogIsRefused() {
        assertThat(explain("[2026-11-28] \"GET / HTTP/1.1\" 403")).isEqualTo(2);
        assertThat(commands.err()).contains("not a line of the JSON access log");
        assertThat(explain("{\"level\": \"info\"}")).isEqualTo(2);
        assertThat(commands.err()).contains("it has no response_code_details");
    }
}
