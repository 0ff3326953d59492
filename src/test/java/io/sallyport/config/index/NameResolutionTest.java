package io.sallyport.config.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.index.HostResolution.MeshService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameResolutionTest {
    private final HostResolution hosts = new HostResolution("cluster.local");

    @ParameterizedTest
    @CsvSource({
        "payments,                           payments.prod.svc.cluster.local",
        "PayMents,                           payments.prod.svc.cluster.local",
        "payments.prod,                      payments.prod",
        "payments.prod.svc.cluster.local.,   payments.prod.svc.cluster.local",
        "*,                                  *",
        "*.example.com,                      *.example.com",
    })
    void onlyAHostWithoutDotsIsCompleted(String host, String fullName) {
        assertThat(hosts.fullyQualified(host, "prod")).isEqualTo(fullName);
    }

    @Test
    void aMeshServiceIsNameAndNamespaceUnderTheClusterDomain() {
        assertThat(hosts.meshService("a.b.svc.cluster.local")).isEqualTo(new MeshService("a", "b"));
        assertThat(hosts.meshService("pod.a.b.svc.cluster.local")).isNull();
        assertThat(hosts.meshService("a.svc.cluster.local")).isNull();
        assertThat(hosts.meshService("a.b.svc.cluster.locale")).isNull();
        assertThat(hosts.meshService(".b.svc.cluster.local")).isNull();
        assertThat(hosts.isInCluster("pod.a.b.svc.cluster.local")).isTrue();
        assertThat(hosts.isInCluster("a.b.svc.cluster.local.evil.com")).isFalse();
        assertThat(hosts.isInCluster(".svc.cluster.local")).isFalse();
    }

    @Test
    void unfinishedNamesAreCompletedForHintsOnly() {
        assertThat(hosts.completed("a.b")).isEqualTo("a.b.svc.cluster.local");
        assertThat(hosts.completed("a.b.svc")).isEqualTo("a.b.svc.cluster.local");
        assertThat(hosts.completed("a.b.c")).isNull();
        assertThat(hosts.completed("a")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "edge,                               shop/edge",
        "./edge,                             shop/edge",
        "infra/edge,                         infra/edge",
        "mesh,                               mesh",
        "edge.infra,                         infra/edge",
        "edge.infra.svc.cluster.local,       infra/edge",
    })
    void aGatewayReferenceMeansANamespaceAndAName(String reference, String name) {
        assertThat(GatewayReference.resolve(reference, "shop")).isEqualTo(name);
    }

    @Test
    void exportToSaysWhoSees() {
        assertThat(ExportTo.isVisible(List.of(), "a", "b")).isTrue();
        assertThat(ExportTo.isVisible(List.of("*"), "a", "b")).isTrue();
        assertThat(ExportTo.isVisible(List.of("."), "a", "b")).isFalse();
        assertThat(ExportTo.isVisible(List.of("."), "a", "a")).isTrue();
        assertThat(ExportTo.isVisible(List.of("x", "b"), "a", "b")).isTrue();
        assertThat(ExportTo.isVisible(List.of("~"), "a", "a")).isFalse();
    }

    @Test
    void anInstanceWithoutLabelsIsSelectedByAll() {
        InstanceScope bare = InstanceScope.defaults();
        InstanceScope edge = new InstanceScope(
                "default", "istio-system", "cluster.local", java.util.Map.of("istio", "edge", "app", "x"));

        assertThat(bare.selectedBy(java.util.Map.of("istio", "edge"))).isTrue();
        assertThat(edge.selectedBy(java.util.Map.of("istio", "edge"))).isTrue();
        assertThat(edge.selectedBy(java.util.Map.of())).isTrue();
        assertThat(edge.selectedBy(java.util.Map.of("istio", "other"))).isFalse();
    }
}
