package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.Destination;
import io.sallyport.config.model.HttpRouteDestination;
import io.sallyport.config.model.PortProtocol;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeedFilesTest {

    @ParameterizedTest
    @ValueSource(strings = {"api-ingress.yaml", "payments-canary.yaml", "resilience.yaml"})
    void loadsAsItIs(String file) throws Exception {
        assertThat(load(file).hasErrors()).as("%s", load(file).problems()).isFalse();
    }

    @Test
    void theAuthorizationPolicyLoadsWithAWarningOfItsPrincipal() throws Exception {
        LoadResult result = load("payments-to-billing.yaml");

        assertThat(result.problems())
                .singleElement()
                .hasToString(
                        "payments-to-billing.yaml:13:22: warning SAL2511 spec.rules[0].from[0].source.principals[0]:"
                                + " no workload has the identity \"spiffe://billing.myapp.com\", which has no path"
                                + " (write <trust domain>/ns/<namespace>/sa/<service account>)");
        var policy = result.configuration().authorizationPolicies().getFirst();
        assertThat(policy.selector()).containsExactly(Map.entry("app", "payments"));
        assertThat(policy.rules().getFirst().from().getFirst().principals().any())
                .containsExactly("billing.myapp.com");
    }

    @Test
    void theIngressHasItsGatewayRouteRuleAndEntry() throws Exception {
        var configuration = load("api-ingress.yaml").configuration();

        var server = configuration.gateways().getFirst().servers().getFirst();
        assertThat(server.port().number()).isEqualTo(80);
        assertThat(server.port().protocol()).isEqualTo(PortProtocol.HTTP);
        assertThat(server.hosts()).containsExactly("api.myapp.com");
        assertThat(configuration.virtualServices().getFirst().gateways()).containsExactly("api-gateway");
        assertThat(configuration.destinationRules().getFirst().meta().namespace())
                .isEqualTo("default");
        assertThat(configuration
                        .serviceEntries()
                        .getFirst()
                        .endpoints()
                        .getFirst()
                        .address())
                .isEqualTo("203.0.113.1");
    }

    @Test
    void theCanaryHasItsWeights() throws Exception {
        var route = load("payments-canary.yaml")
                .configuration()
                .virtualServices()
                .getFirst()
                .http()
                .getFirst();

        assertThat(route.route()).extracting(HttpRouteDestination::weight).containsExactly(90, 10);
        assertThat(route.route())
                .extracting(HttpRouteDestination::destination)
                .extracting(Destination::subset)
                .containsExactly("v1", "v2");
    }

    @Test
    void theResilientServiceHasItsTimeouts() throws Exception {
        var configuration = load("resilience.yaml").configuration();

        var route = configuration.virtualServices().getFirst().http().getFirst();
        assertThat(route.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(route.retries().perTryTimeout()).isEqualTo(Duration.ofSeconds(2));
        var policy = configuration.destinationRules().getFirst().trafficPolicy();
        assertThat(policy.outlierDetection().consecutive5xxErrors()).isEqualTo(2);
        assertThat(policy.connectionPool().http().http1MaxPendingRequests()).isEqualTo(50);
    }

    private static LoadResult load(String file) throws IOException, URISyntaxException {
        Path path = Path.of(SeedFilesTest.class.getResource("/seed/" + file).toURI());
        return ConfigurationLoader.load(List.of(new SourceFile(file, Files.readAllBytes(path))), LoadOptions.DEFAULT);
    }
}
