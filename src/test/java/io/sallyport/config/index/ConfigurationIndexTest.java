package io.sallyport.config.index;

import static io.sallyport.config.testing.ConfigurationText.document;
import static io.sallyport.config.testing.ConfigurationText.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.Subset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationIndexTest {
    private static final String PAYMENTS = "payments.prod.svc.cluster.local";
    private static final InstanceScope EDGE =
            new InstanceScope("edge", "istio-system", "cluster.local", Map.of("app", "edge"));

    @Test
    void aRuleOfTheClientsNamespaceBeatsTheServicesAndThatTheRootNamespaces() {
        String root = rule("istio-system/root", "host: '*.prod.svc.cluster.local'");
        String service = rule("prod/service", "host: payments");
        String client = rule("edge/client", "host: '*.local'");

        assertThat(nameOf(find(root))).isEqualTo("root");
        assertThat(nameOf(find(root, service))).isEqualTo("service");
        assertThat(nameOf(find(root, service, client))).isEqualTo("client");
    }

    @Test
    void withinANamespaceTheMostSpecificHostWins() {
        String wide = rule("edge/a", "host: '*.local'");
        String narrow = rule("edge/b", "host: '*.prod.svc.cluster.local'");
        String exact = rule("edge/c", "host: " + PAYMENTS);

        assertThat(nameOf(find(wide, narrow))).isEqualTo("b");
        assertThat(nameOf(find(wide, narrow, exact))).isEqualTo("c");
    }

    @Test
    void aRuleThatIsNotExportedDoesNotLeaveItsNamespace() {
        assertThat(find(rule("prod/service", "{host: payments, exportTo: ['.']}")))
                .isNull();
        assertThat(find(rule("prod/service", "{host: payments, exportTo: [edge]}")))
                .isNotNull();
        assertThat(find(rule("other/stranger", "host: " + PAYMENTS))).isNull();
        assertThat(find(rule("edge/own", "{host: " + PAYMENTS + ", exportTo: ['.']}")))
                .isNotNull();
    }

    @Test
    void theServiceEntrysNamespaceIsTheServices() {
        String entry = entry("prod/origin", "origin.example.org", 443);
        String rule = rule("prod/origin", "host: origin.example.org");
        ConfigurationIndex index = new ConfigurationIndex(read(entry, rule), EDGE);

        assertThat(nameOf(index.destinationRules().find("origin.example.org"))).isEqualTo("origin");
        assertThat(index.destinationRules().find("other.example.org")).isNull();
    }

    @Test
    void aMoreSpecificRuleForOtherNamespacesHidesTheWiderOnesOfItsOwn() {
        String wide = rule("prod/wide", "host: '*.prod.svc.cluster.local'");
        String root = rule("istio-system/root", "host: '*.svc.cluster.local'");
        String elsewhere = "{host: payments, exportTo: [elsewhere]}";

        assertThat(find(wide, rule("prod/exact", elsewhere))).isNull();
        assertThat(nameOf(find(wide, rule("prod/exact", elsewhere), root))).isEqualTo("root");
        assertThat(nameOf(find(wide, rule("prod/exact", elsewhere), rule("edge/own", "host: '*.local'"))))
                .isEqualTo("own");
        assertThat(find(root, rule("istio-system/exact", "{host: " + PAYMENTS + ", exportTo: [elsewhere]}")))
                .isNull();
    }

    @Test
    void aRuleForItsOwnNamespaceOrForSelectedWorkloadsHidesNothingOfWhatIsExported() {
        String wide = rule("prod/wide", "host: '*.prod.svc.cluster.local'");

        assertThat(nameOf(find(wide, rule("prod/exact", "{host: payments, exportTo: ['.']}"))))
                .isEqualTo("wide");
        assertThat(nameOf(find(
                        wide, rule("prod/exact", "{host: payments, workloadSelector: {matchLabels: {app: shop}}}"))))
                .isEqualTo("wide");
        assertThat(nameOf(find(
                        wide,
                        rule("prod/exact", "{host: payments, exportTo: [elsewhere]}"),
                        rule("prod/other", "{host: payments, exportTo: [edge]}"))))
                .isEqualTo("other");
    }

    @Test
    void rulesOfOneHostMergeByName() {
        DestinationRule merged = find(
                rule(
                        "edge/b",
                        "{host: " + PAYMENTS + ", trafficPolicy: {loadBalancer: {simple: RANDOM}},"
                                + " subsets: [{name: v1}, {name: v2}]}"),
                rule("edge/a", "{host: " + PAYMENTS + ", subsets: [{name: v1, labels: {first: 'true'}}]}"));

        assertThat(nameOf(merged)).isEqualTo("a");
        assertThat(merged.trafficPolicy()).isNotNull();
        assertThat(merged.subsets()).extracting(Subset::name).containsExactly("v1", "v2");
        assertThat(merged.subsets().getFirst().labels()).containsKey("first");
    }

    @Test
    void aRuleForSelectedWorkloadsAppliesToThoseAlone() {
        String all = rule("edge/all", "host: " + PAYMENTS);
        String ours = rule("edge/ours", "{host: " + PAYMENTS + ", workloadSelector: {matchLabels: {app: edge}}}");
        String theirs = rule("edge/theirs", "{host: " + PAYMENTS + ", workloadSelector: {matchLabels: {app: shop}}}");

        assertThat(nameOf(find(all, ours, theirs))).isEqualTo("ours");
        assertThat(nameOf(find(all, theirs))).isEqualTo("all");
        assertThat(find(theirs)).isNull();
    }

    @Test
    void aServiceEntryIsFoundByNameThenByTheLongestWildcard() {
        ConfigurationIndex index = new ConfigurationIndex(
                read(
                        entry("edge/wide", "'*.example.org'", 443),
                        entry("edge/narrow", "'*.b.example.org'", 443),
                        entry("edge/exact", "a.b.example.org", 443)),
                EDGE);

        assertThat(nameOf(index.serviceEntries().find("a.b.example.org"))).isEqualTo("exact");
        assertThat(nameOf(index.serviceEntries().find("x.b.example.org"))).isEqualTo("narrow");
        assertThat(nameOf(index.serviceEntries().find("x.example.org"))).isEqualTo("wide");
        assertThat(index.serviceEntries().find("example.org")).isNull();
    }

    @Test
    void entriesOfOneNamespaceAddTheirPortsAndOthersDoNotCount() {
        ConfigurationIndex index = new ConfigurationIndex(
                read(
                        entry("prod/a", "origin.example.org", 8080),
                        entry("edge/http", "origin.example.org", 80),
                        entry("edge/tls", "origin.example.org", 443)),
                EDGE);

        assertThat(index.serviceEntries().findAll("origin.example.org"))
                .extracting(ConfigurationIndexTest::nameOf)
                .containsExactly("http", "tls");
        assertThat(nameOf(index.serviceEntries().find("origin.example.org", 443)))
                .isEqualTo("tls");
        assertThat(index.serviceEntries().find("origin.example.org", 8080)).isNull();
    }

    @Test
    void virtualServicesOfAGatewayComeInMergeOrderWithoutDelegatesAndHiddenOnes() {
        String route = "http: [{route: [{destination: {host: x}}]}]";
        ConfigurationIndex index = new ConfigurationIndex(
                read(
                        document("VirtualService", "edge/b", "{hosts: [b.com], gateways: [gw], " + route + "}"),
                        document("VirtualService", "prod/a", "{hosts: [a.com], gateways: [edge/gw], " + route + "}"),
                        document("VirtualService", "edge/delegate", "{" + route + "}"),
                        document("VirtualService", "edge/m", "{hosts: [m.com], " + route + "}"),
                        document(
                                "VirtualService",
                                "prod/hidden",
                                "{hosts: [h.com], gateways: [edge/gw], exportTo: ['.'], " + route + "}")),
                EDGE);

        assertThat(index.virtualServices().ofGateway("edge/gw"))
                .extracting(ConfigurationIndexTest::nameOf)
                .containsExactly("a", "b");
        assertThat(index.virtualServices().ofGateway("mesh"))
                .extracting(ConfigurationIndexTest::nameOf)
                .containsExactly("m");
    }

    @Test
    void onlySelectedGatewaysAreOpened() {
        String server = "servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]";
        ConfigurationIndex index = new ConfigurationIndex(
                read(
                        document("Gateway", "edge/ours", "{selector: {app: edge}, " + server + "}"),
                        document("Gateway", "edge/all", "{" + server + "}"),
                        document("Gateway", "edge/theirs", "{selector: {app: egress}, " + server + "}")),
                EDGE);

        assertThat(index.selectedGateways())
                .extracting(ConfigurationIndexTest::nameOf)
                .containsExactly("all", "ours");
        assertThat(index.gateway("theirs", "edge")).isNotNull();
    }

    private static DestinationRule find(String... documents) {
        return new ConfigurationIndex(read(documents), EDGE).destinationRules().find(PAYMENTS);
    }

    private static String rule(String name, String spec) {
        return document("DestinationRule", name, spec);
    }

    private static String entry(String name, String host, int port) {
        return document(
                "ServiceEntry",
                name,
                "{hosts: [" + host + "], ports: [{number: " + port + ", name: p, protocol: HTTP}], resolution: NONE}");
    }

    private static String nameOf(Resource resource) {
        return resource.meta().name();
    }
}
