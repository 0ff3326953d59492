package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.OutlierSpec;
import io.sallyport.cluster.balance.BalancingSpec;
import io.sallyport.cluster.balance.HashKey;
import io.sallyport.cluster.balance.HashPolicy;
import io.sallyport.cluster.balance.LoadBalancing;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a DestinationRule's `loadBalancer` makes of a cluster, by where the gateway stands.
class BalancingCompilerTest {
    private static final String OUTLIERS = "outlierDetection: {}\n";

    private static ClusterSpec cluster(String locality, String policy) {
        return cluster(locality, null, "trafficPolicy:\n" + policy.indent(2));
    }

    private static ClusterSpec cluster(String locality, String subset, String rule) {
        String yaml = Yaml.httpGateway("*")
                + """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: entry}
                spec:
                  hosts: [shop.example]
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints:
                  - {address: 10.0.0.1, locality: eu/a/1, labels: {v: "1", rack: r1}}
                  - {address: 10.0.0.2, locality: eu/a/2, labels: {v: "1", rack: r2}, weight: 3}
                  - {address: 10.0.0.3, locality: eu/b, labels: {v: "1", rack: r1}}
                  - {address: 10.0.0.4, locality: us/a/1, network: n1}
                  - {address: 10.0.0.5, locality: asia}
                  - {address: 10.0.0.6}
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: rule}
                spec:
                  host: shop.example
                """
                + rule.indent(2)
                + "---\n"
                + Yaml.virtualService(
                        "*",
                        "- route: [{destination: {host: shop.example, %s port: {number: 80}}}]"
                                .formatted(subset == null ? "" : "subset: " + subset + ","));
        try (TestGateway gateway = TestGateway.builder().locality(locality).start(yaml)) {
            return gateway.dataPlane()
                    .current()
                    .clusters()
                    .cluster(ClusterSpec.name("shop.example", subset, 80))
                    .spec();
        }
    }

    /// The last part of each address, and its priority.
    private static Map<String, Integer> priorities(ClusterSpec spec) {
        return spec.endpoints().stream()
                .collect(Collectors.toMap(
                        endpoint -> endpoint.address().substring("10.0.0.".length()), EndpointSpec::priority));
    }

    @Test
    void whatIsNotSaidIsIstiosDefault() {
        ClusterSpec spec = cluster("eu/a/1", "loadBalancer: {}");
        assertThat(spec.loadBalancing()).isEqualTo(LoadBalancing.LEAST_REQUEST);
        assertThat(spec.balancing()).isEqualTo(BalancingSpec.NONE);
        assertThat(priorities(spec).values()).containsOnly(0);
    }

    @Test
    void everyHashKeyIsTaken() {
        assertThat(hash("{httpHeaderName: X-User}"))
                .isEqualTo(new HashPolicy(new HashKey.Header(new AsciiString("x-user")), new HashPolicy.Ring(1024)));
        assertThat(hash("{useSourceIp: true, maglev: {}}"))
                .isEqualTo(new HashPolicy(new HashKey.SourceAddress(), new HashPolicy.Maglev(65537)));
        assertThat(hash("{useSourceIp: false}")).isNull();
        assertThat(hash("{httpQueryParameterName: u, maglev: {tableSize: 5003}}"))
                .isEqualTo(new HashPolicy(new HashKey.QueryParameter("u"), new HashPolicy.Maglev(5003)));
        assertThat(hash("{httpQueryParameterName: u, minimumRingSize: 10}"))
                .isEqualTo(new HashPolicy(new HashKey.QueryParameter("u"), new HashPolicy.Ring(10)));
        assertThat(hash("{httpCookie: {name: s, path: /p, ttl: 60s, attributes: [{name: SameSite, value: Lax},"
                        + " {name: Secure}]}, ringHash: {minimumRingSize: 20}}"))
                .isEqualTo(new HashPolicy(
                        new HashKey.Cookie("s", "/p", Duration.ofMinutes(1), List.of("SameSite=Lax", "Secure")),
                        new HashPolicy.Ring(20)));
    }

    private static HashPolicy hash(String text) {
        return cluster("", "loadBalancer: {consistentHash: " + text + "}")
                .balancing()
                .hash();
    }

    @Test
    void bothWaysToAskForWarmUpWork() {
        assertThat(slowStart("warmupDurationSecs: 40s"))
                .isEqualTo(new BalancingSpec.SlowStart(Duration.ofSeconds(40), 0.1, 1));
        assertThat(slowStart("warmup: {duration: 2m, minimumPercent: 25, aggression: 1.5}"))
                .isEqualTo(new BalancingSpec.SlowStart(Duration.ofMinutes(2), 0.25, 1.5));
    }

    private static BalancingSpec.SlowStart slowStart(String text) {
        return cluster("", "loadBalancer:\n  " + text).balancing().slowStart();
    }

    @Test
    void withOutlierDetectionTheNearestComeFirst() {
        assertThat(priorities(cluster("eu/a/1", OUTLIERS)))
                .isEqualTo(Map.of("1", 0, "2", 1, "3", 2, "4", 3, "5", 3, "6", 3));
        assertThat(priorities(cluster("us/b", OUTLIERS)))
                .isEqualTo(Map.of("4", 0, "1", 1, "2", 1, "3", 1, "5", 1, "6", 1));
        assertThat(priorities(cluster("", OUTLIERS)).values()).containsOnly(0);
        assertThat(priorities(cluster("eu/a/1", OUTLIERS + "loadBalancer: {localityLbSetting: {enabled: false}}"))
                        .values())
                .containsOnly(0);
    }

    @Test
    void failoverNamesTheRegionThatComesNext() {
        String policy =
                OUTLIERS + "loadBalancer: {localityLbSetting: {failover: [{from: us, to: eu}, {from: eu, to: asia}]}}";
        assertThat(priorities(cluster("eu/a/1", policy)))
                .isEqualTo(Map.of("1", 0, "2", 1, "3", 2, "5", 3, "4", 4, "6", 4));
    }

    @Test
    void failoverPriorityCountsTheLabelsThatMatchFromTheFirstOn() {
        String policy = OUTLIERS
                + "loadBalancer: {localityLbSetting: {failoverPriority: [topology.kubernetes.io/region, rack=r1]}}";
        assertThat(priorities(cluster("eu/c", policy)))
                .isEqualTo(Map.of("1", 0, "3", 0, "2", 1, "4", 2, "5", 2, "6", 2));
    }

    @Test
    void distributeGivesLocalitiesTheirSharesAndLeavesTheOthersOut() {
        String policy = "loadBalancer: {localityLbSetting: {distribute: ["
                + "{from: us/*, to: {asia: 100}}, {from: eu/a/*, to: {eu/a/*: 80, us/*: 20}}]}}";
        ClusterSpec spec = cluster("eu/a/1", policy);
        assertThat(priorities(spec)).isEqualTo(Map.of("1", 0, "2", 0, "4", 0));
        assertThat(spec.balancing().localityWeights())
                .isEqualTo(Map.of("eu/a/1", 20.0, "eu/a/2", 60.0, "us/a/1", 20.0));

        assertThat(priorities(cluster("asia/x", policy))).hasSize(6);
        assertThat(cluster("asia/x", policy).balancing()).isEqualTo(BalancingSpec.NONE);
    }

    @Test
    void aSubsetsSettingsOverrideTheHostsAndAPortsStandAlone() {
        String rule = """
                trafficPolicy:
                  outlierDetection: {}
                  loadBalancer: {consistentHash: {useSourceIp: true}}
                subsets:
                - {name: plain, labels: {v: "1"}}
                - name: own
                  labels: {v: "1"}
                  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 10s}}}
                - name: port
                  labels: {v: "1"}
                  trafficPolicy:
                    loadBalancer: {simple: RANDOM}
                    portLevelSettings:
                    - {port: {number: 80}, loadBalancer: {consistentHash: {httpHeaderName: a}}}
                """;
        assertThat(cluster("eu/a/1", "plain", rule).balancing().hash().key()).isEqualTo(new HashKey.SourceAddress());
        assertThat(priorities(cluster("eu/a/1", "plain", rule))).isEqualTo(Map.of("1", 0, "2", 1, "3", 2));

        ClusterSpec own = cluster("eu/a/1", "own", rule);
        assertThat(own.loadBalancing()).isEqualTo(LoadBalancing.ROUND_ROBIN);
        assertThat(own.balancing().hash()).isNull();
        assertThat(own.balancing().slowStart()).isNotNull();

        ClusterSpec port = cluster("eu/a/1", "port", rule);
        assertThat(port.balancing().hash().key()).isEqualTo(new HashKey.Header(new AsciiString("a")));
        // The port's settings have no outlierDetection, so there is no failover.
        assertThat(priorities(port).values()).containsOnly(0);
    }

    /// As for Envoy, of which Istio asks nothing then; the other counts are turned off by 0.
    @ParameterizedTest
    @CsvSource({"'', 5", "'consecutiveLocalOriginFailures: 0', 5", "'consecutiveLocalOriginFailures: 2', 2"})
    void failuresOfTheGatewaysOwnAreCountedUpToFiveUnlessAnotherNumberIsSaid(String count, int failures) {
        String policy =
                "outlierDetection: {splitExternalLocalOriginErrors: true, consecutive5xxErrors: 0, " + count + "}\n";
        OutlierSpec outliers = cluster("eu/a/1", policy).resilience().outliers();
        assertThat(outliers.localFailures()).isEqualTo(failures);
        assertThat(outliers.serverErrors()).isZero();
    }
}
