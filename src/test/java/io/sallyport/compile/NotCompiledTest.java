package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.testing.ConfigurationText;
import io.sallyport.egress.EgressMode;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.Yaml;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Resources that the checks would have refused, given to the compiler all the same: it fails at them alone.
class NotCompiledTest {
    private static final String HTTP = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: broken}
            spec:
              hosts: [broken.example]
              gateways: [edge, mesh]
              http: [{match: [{uri: {regex: "("}}], directResponse: {status: 200}}]
            ---
            """;

    private static final String TLS = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: broken}
            spec:
              hosts: [broken.example]
              gateways: [passthrough, mesh]
              tls:
              - match: [{sniHosts: [broken.example], destinationSubnets: [nowhere]}]
                route: [{destination: {host: up.internal, port: {number: 443}}}]
            ---
            """;

    private static final String OTHERS = Yaml.httpGateway("*")
            + Yaml.gateway("port: {number: 443, name: tls, protocol: TLS}, hosts: [\"*\"], tls: {mode: PASSTHROUGH}")
                    .replace("name: edge", "name: passthrough")
            + Yaml.virtualService("sound.example", "- {name: sound, directResponse: {status: 200}}")
            + "\n---\n";

    @ParameterizedTest
    @ValueSource(strings = {HTTP, TLS})
    void theOthersAreServed(String broken) {
        Configuration all = ConfigurationText.load(OTHERS + broken).configuration();
        CompileOptions usual = CompileOptions.defaults();
        EgressOptions mesh = new EgressOptions(15_001, null, EgressMode.REGISTRY_ONLY, List.of());
        CompileOptions options =
                new CompileOptions(usual.scope(), usual.portMap(), null, null, usual.trustDomain(), mesh);

        SnapshotPlan plan = new SnapshotCompiler(options, Clock.systemUTC())
                .compile(new ConfigurationIndex(all, InstanceScope.defaults()));

        assertThat(plan.problems()).isNotEmpty().extracting(Problem::code).containsOnly(ProblemCode.NOT_COMPILED);
        assertThat(explain(plan, 80, false, "sound.example")).contains("\"sound\"");
        boolean tls = broken.equals(TLS);
        assertThat(explain(plan, tls ? 443 : 80, tls, "broken.example"))
                .contains(tls ? "\"flag\":\"NC\"" : "\"flag\":\"NR\"");
    }

    private static String explain(SnapshotPlan plan, int port, boolean tls, String host) {
        ExplainedRequest request =
                new ExplainedRequest(port, tls, tls ? host : null, host, "GET", "/", Map.of(), null, "127.0.0.1", null);
        return new Explainer(plan, ProxySettings.DEFAULT).explain(request).json();
    }
}
