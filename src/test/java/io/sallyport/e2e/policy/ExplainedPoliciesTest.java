package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.entry;
import static io.sallyport.e2e.policy.AuthorizationFixture.passthrough;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.AuthorizationFixture.tcp;
import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.egress.EgressMode;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.tls.Hello;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What `explain` says that policies make of tunnels and relayed bytes is what becomes of them.
class ExplainedPoliciesTest {
    private static final ExplainedRequest.Client CLIENT = new ExplainedRequest.Client(null, null, "127.0.0.1");

    private enum Way {
        TCP(31400) {
            @Override
            String yaml(int endpoint) {
                return tcp(endpoint);
            }

            @Override
            byte[] opening() {
                return new byte[0];
            }

            @Override
            ExplainedRequest explained() {
                return new ExplainedRequest(31400, false, null, "", "", "", Map.of(), null, CLIENT.sourceIp(), null);
            }
        },
        PASSTHROUGH(443) {
            @Override
            String yaml(int endpoint) {
                return passthrough(endpoint);
            }

            @Override
            byte[] opening() {
                return ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName("db.test"))));
            }

            @Override
            ExplainedRequest explained() {
                return ExplainedRequest.of("https://db.test", "GET", List.of(), 443, null, CLIENT);
            }
        },
        CONNECT(MESH_PORT) {
            @Override
            String yaml(int endpoint) {
                return entry(5432, "TCP", endpoint);
            }

            @Override
            byte[] opening() {
                return "CONNECT db.test:5432 HTTP/1.1\r\nHost: db.test:5432\r\nx-tier: gold\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII);
            }

            @Override
            ExplainedRequest explained() {
                return ExplainedRequest.connect("db.test:5432", List.of("x-tier: gold"), CLIENT);
            }
        },
        SERVER_NAME(MESH_PORT) {
            @Override
            String yaml(int endpoint) {
                return entry(443, "TLS", endpoint);
            }

            @Override
            byte[] opening() {
                return PASSTHROUGH.opening();
            }

            @Override
            ExplainedRequest explained() {
                return ExplainedRequest.serverName(new ExplainedRequest.Client("db.test", null, CLIENT.sourceIp()));
            }
        };

        final int port;

        Way(int port) {
            this.port = port;
        }

        abstract String yaml(int endpoint);

        abstract byte[] opening();

        abstract ExplainedRequest explained();
    }

    private static final List<String> SPECS = List.of(
            "{}",
            "action: DENY\nrules: [{}]",
            "action: DENY\nrules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]",
            "action: DENY\nrules: [{from: [{source: {ipBlocks: [127.0.0.1]}}]}]",
            "action: DENY\nrules: [{to: [{operation: {paths: [/admin]}}]}]",
            "action: DENY\nrules: [{to: [{operation: {methods: [CONNECT]}}]}]",
            "rules: [{to: [{operation: {methods: [CONNECT]}}]}]",
            "rules: [{to: [{operation: {methods: [GET]}}]}]",
            "rules: [{from: [{source: {principals: [\"*\"]}}]}]",
            "rules: [{from: [{source: {ipBlocks: [127.0.0.1]}}]}]",
            "rules: [{when: [{key: connection.sni, values: [db.test]}]}]",
            "action: DENY\nrules: [{when: [{key: \"request.headers[x-tier]\", values: [gold]}]}]",
            "action: DENY\nrules: [{when: [{key: \"request.headers[:authority]\", values: [\"*:5432\"]}]}]",
            "selector: {matchLabels: {app: db}}\naction: DENY\nrules: [{}]",
            "selector: {matchLabels: {app: db}}\naction: DENY\nrules: [{to: [{operation: {ports: [\"ENDPOINT\"]}}]}]",
            "selector: {matchLabels: {app: db}}\nrules: [{to: [{operation: {ports: [\"1\"]}}]}]",
            "selector: {matchLabels: {app: other}}\naction: DENY\nrules: [{}]",
            "targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: db}]\naction: DENY\nrules: [{}]");

    @ParameterizedTest
    @EnumSource
    void isWhatBecomesOfIt(Way way) throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> connection.write("hello"));
                TestGateway gateway =
                        TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(way.yaml(upstream.port()))) {
            for (String spec : SPECS) {
                String written = spec.replace("ENDPOINT", Integer.toString(upstream.port()));
                gateway.apply(way.yaml(upstream.port()) + policy("p", written));
                int before = gateway.facts().size();
                String got;
                try (RawClient client = new RawClient(gateway.port(way.port))) {
                    client.send(way.opening());
                    client.endOutput();
                    got = client.readToEnd();
                }
                JsonObject said = new JsonObject(new Explainer(gateway.read().plan(), ProxySettings.DEFAULT)
                        .explain(way.explained())
                        .json());
                boolean passed = got.endsWith("hello");
                String details = said.getString("details");
                assertThat(details == null).as("%s: %s, %s", spec, got, said).isEqualTo(passed);
                await().until(() -> gateway.facts().size() > before);
                if (!passed) {
                    assertThat(details).as(spec).startsWith("rbac_access_denied_matched_policy[");
                    assertThat(said.getJsonObject("decision").getString("text"))
                            .as(spec)
                            .startsWith("denied");
                    assertThat(gateway.facts()).last().satisfies(facts -> assertThat(facts.details)
                            .isEqualTo(details));
                }
            }
        }
    }
}
