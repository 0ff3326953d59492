package io.sallyport.config.analysis;

import static io.sallyport.config.testing.ConfigurationText.document;
import static io.sallyport.config.testing.ConfigurationText.load;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The time bounds are an order of magnitude above what a slow machine needs, and several below what a quadratic check
/// of such an input would take.
class AnalysisScaleTest {
    private static final int MANY = 10_000;
    private static final Duration BOUND = Duration.ofSeconds(20);

    private static final String GATEWAY =
            document("Gateway", "edge", "{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}");

    @Test
    void tenThousandVirtualServicesWithoutAProblem() {
        Configuration configuration = configuration(i -> document(
                "VirtualService",
                "vs-" + i,
                "{hosts: [h" + i + ".example.com], gateways: [edge], http: ["
                        + "{match: [{uri: {prefix: /a}}], route: [{destination: {host: s" + i + "}}]},"
                        + "{route: [{destination: {host: s" + i + "}}]}]}"));

        assertThat(analyze(configuration)).isEmpty();
    }

    @Test
    void tenThousandUnknownNamesAreReportedUpToTheBound() {
        Configuration configuration = configuration(i -> document(
                "VirtualService",
                "vs-" + i,
                "{hosts: [h" + i + ".example.com], gateways: [edge" + i + "], http: ["
                        + "{route: [{destination: {host: origin" + i + ".example.org}}]}]}"));

        List<Problem> problems = analyze(configuration);
        assertThat(problems).hasSize(1001);
        assertThat(problems.getLast().isError()).isTrue();
    }

    @Test
    void oneHostInTenThousandVirtualServices() {
        Configuration configuration = configuration(i -> document(
                "VirtualService",
                "vs-" + i,
                "{hosts: [a.example.com], gateways: [edge], http: [" + "{match: [{headers: {x: {exact: v" + i
                        + "}}}], route: [{destination: {host: s}}]}]}"));

        assertThat(analyze(configuration)).isNotEmpty();
    }

    @Test
    void oneHostInTenThousandRulesAndEntries() {
        Configuration configuration = configuration(
                i -> document("DestinationRule", "r-" + i, "{host: a.example.org, subsets: [{name: v" + i + "}]}"),
                i -> document(
                        "ServiceEntry",
                        "e-" + i,
                        "{hosts: [a.example.org], resolution: NONE, ports: [{number: " + (i + 1)
                                + ", name: p, protocol: HTTP}]}"));

        assertThat(analyze(configuration)).isNotEmpty();
    }

    @Test
    void tenThousandPoliciesTargetsAndEntries() {
        Configuration configuration = configuration(
                i -> "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: s-" + i
                        + "}\nspec: {selector: {matchLabels: {app: a" + i + "}}, rules: [{to: [{operation: {paths: [/a"
                        + i + "]}}]}]}",
                i -> "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: t-" + i
                        + "}\nspec: {targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: x" + i
                        + "}, {group: networking.istio.io, kind: Gateway, name: edge}], rules: [{to: [{operation: {ports: [\""
                        + i + "\"]}}]}]}",
                i -> document(
                        "ServiceEntry",
                        "e-" + i,
                        "{hosts: [a" + i
                                + ".example.org], resolution: NONE, ports: [{number: 80, name: p, protocol: HTTP}]}"));

        assertThat(analyze(configuration)).isNotEmpty();
    }

    @SafeVarargs
    private static Configuration configuration(IntFunction<String>... documents) {
        return load(Stream.concat(Stream.of(GATEWAY), Stream.of(documents).flatMap(each -> IntStream.range(0, MANY)
                                .mapToObj(each)))
                        .toArray(String[]::new))
                .configuration();
    }

    private static List<Problem> analyze(Configuration configuration) {
        return assertTimeoutPreemptively(BOUND, () -> new ConfigurationCheck(AnalysisOptions.defaults())
                .analyze(new ConfigurationIndex(
                        configuration, AnalysisOptions.defaults().scope())));
    }
}
