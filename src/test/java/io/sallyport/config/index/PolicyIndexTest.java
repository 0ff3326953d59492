package io.sallyport.config.index;

import static io.sallyport.config.testing.ConfigurationText.document;
import static io.sallyport.config.testing.ConfigurationText.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.AuthorizationPolicy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyIndexTest {
    private static final InstanceScope EDGE =
            new InstanceScope("edge", "istio-system", "cluster.local", Map.of("app", "edge", "zone", "a"));
    private static final InstanceScope UNLABELLED =
            new InstanceScope("edge", "istio-system", "cluster.local", Map.of());

    @Test
    void policiesComeByNamespaceThenName() {
        PolicyIndex index = index(EDGE, policy("b/a", "{}"), policy("a/z", "{}"), policy("a/b", "{}"));

        assertThat(index.all())
                .extracting(policy -> policy.meta().qualifiedName())
                .containsExactly("a/b", "a/z", "b/a");
    }

    @Test
    void aPolicySelectsTheInstanceByNamespaceAndLabels() {
        assertThat(selecting(
                        EDGE,
                        policy("edge/all", "{}"),
                        policy("edge/own", "{selector: {matchLabels: {app: edge}}}"),
                        policy("edge/other", "{selector: {matchLabels: {app: edge, zone: b}}}"),
                        policy("edge/target", "{targetRefs: [{kind: Service, name: edge}]}"),
                        policy("istio-system/mesh", "{}"),
                        policy("istio-system/other", "{selector: {matchLabels: {app: shop}}}"),
                        policy("shop/all", "{}")))
                .containsExactly("edge/all", "edge/own", "istio-system/mesh");
    }

    @Test
    void anInstanceWithoutLabelsHasThoseOfAllGatewaySelectors() {
        assertThat(selecting(
                        UNLABELLED,
                        gateway("edge/in", "ingress"),
                        gateway("edge/out", "egress"),
                        policy("edge/in", "{selector: {matchLabels: {istio: ingress}}}"),
                        policy("edge/neither", "{selector: {matchLabels: {istio: eastwest}}}"),
                        policy("edge/out", "{selector: {matchLabels: {istio: egress}}}")))
                .containsExactly("edge/in", "edge/out");
    }

    @Test
    void aPolicyOfTheRootNamespaceSelectsWithinEveryNamespace() {
        PolicyIndex index = index(EDGE, policy("istio-system/mesh", "{}"), policy("shop/own", "{}"));
        AuthorizationPolicy mesh = index.all().getFirst();
        AuthorizationPolicy own = index.all().getLast();

        assertThat(index.selectsWithin(mesh, "shop")).isTrue();
        assertThat(index.selectsWithin(own, "shop")).isTrue();
        assertThat(index.selectsWithin(own, "edge")).isFalse();
    }

    private static List<String> selecting(InstanceScope scope, String... documents) {
        PolicyIndex index = index(scope, documents);
        return index.all().stream()
                .filter(index::selectsInstance)
                .map(policy -> policy.meta().qualifiedName())
                .toList();
    }

    private static PolicyIndex index(InstanceScope scope, String... documents) {
        return new ConfigurationIndex(read(documents), scope).policies();
    }

    private static String policy(String name, String spec) {
        return document("AuthorizationPolicy", name, spec).replace("networking.istio.io", "security.istio.io");
    }

    private static String gateway(String name, String istio) {
        return document(
                "Gateway",
                name,
                "{selector: {istio: " + istio
                        + "}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}");
    }
}
