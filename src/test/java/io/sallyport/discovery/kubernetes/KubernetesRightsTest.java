package io.sallyport.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.e2e.discovery.ScriptedApi;
import io.sallyport.e2e.discovery.ScriptedApi.Failure;
import io.sallyport.e2e.discovery.ScriptedApi.Step;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An API server that does not let everybody see everything.
class KubernetesRightsTest {
    private final ScriptedApi api = new ScriptedApi();
    private final KubernetesDiscovery discovery = new KubernetesDiscovery(api.client(), true, null, Set.of(), false);

    @AfterEach
    void close() {
        discovery.close();
        api.close();
    }

    @Test
    void nodesMayBeForbidden() throws Exception {
        api.fail("Node", Step.LIST, Failure.FORBIDDEN);
        discovery.start(() -> {});

        assertThat(discovery.awaitSync(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void podsMayNot() {
        api.fail("Node", Step.LIST, Failure.FORBIDDEN);
        api.fail("Pod", Step.LIST, Failure.FORBIDDEN);
        discovery.start(() -> {});

        await().atMost(Duration.ofSeconds(20))
                .until(() -> String.valueOf(discovery.status().lastError()).contains("scripted 403"));
        assertThat(discovery.status().lastError()).contains("pods: the gateway's account needs get, list and watch");
        assertThat(discovery.status().synced()).isFalse();
        assertThat(discovery.catalog().services().isKnown()).isFalse();
    }
}
