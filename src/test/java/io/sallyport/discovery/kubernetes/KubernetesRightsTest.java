package io.sallyport.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ListMeta;
import io.fabric8.kubernetes.api.model.ListMetaBuilder;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.api.model.ServiceListBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceListBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An API server that does not let everybody see everything.
class KubernetesRightsTest {
    private static final String ALL = "?resourceVersion=0";
    private static final ListMeta LISTED =
            new ListMetaBuilder().withResourceVersion("1").build();

    private final KubernetesMockServer server = new KubernetesMockServer(false);
    private KubernetesDiscovery discovery;

    @BeforeEach
    void start() {
        server.init();
        discovery = new KubernetesDiscovery(
                KubernetesClients.of(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + server.getPort())
                        .build()),
                true,
                null,
                Set.of(),
                false);
        answer(
                "/apis/discovery.k8s.io/v1/endpointslices",
                new EndpointSliceListBuilder().withMetadata(LISTED).build());
        answer("/api/v1/pods", new PodListBuilder().withMetadata(LISTED).build());
        answer("/api/v1/services", new ServiceListBuilder().withMetadata(LISTED).build());
    }

    @AfterEach
    void close() {
        discovery.close();
        server.destroy();
    }

    private void answer(String path, Object answer) {
        server.expect().get().withPath(path + ALL).andReturn(200, answer).always();
    }

    private void forbid(String path) {
        server.expect()
                .get()
                .withPath(path + ALL)
                .andReturn(
                        403,
                        new StatusBuilder()
                                .withCode(403)
                                .withMessage("forbidden to this account")
                                .build())
                .always();
    }

    @Test
    void nodesMayBeForbidden() throws Exception {
        forbid("/api/v1/nodes");
        discovery.start(() -> {});

        assertThat(discovery.awaitSync(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void podsMayNot() {
        server.clearExpectations();
        answer(
                "/apis/discovery.k8s.io/v1/endpointslices",
                new EndpointSliceListBuilder().withMetadata(LISTED).build());
        answer("/api/v1/services", new ServiceListBuilder().withMetadata(LISTED).build());
        forbid("/api/v1/pods");
        forbid("/api/v1/nodes");
        discovery.start(() -> {});

        await().atMost(Duration.ofSeconds(20))
                .until(() -> String.valueOf(discovery.status().lastError()).contains("forbidden to this account"));
        assertThat(discovery.status().lastError()).contains("pods: the gateway's account needs get, list and watch");
        assertThat(discovery.status().synced()).isFalse();
        assertThat(discovery.catalog().services().isKnown()).isFalse();
    }
}
