package io.sallyport.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeshPodTest {
    @ParameterizedTest(name = "{0} of {1} {2} -> {3}")
    @CsvSource({
        "payments-5d9c8-x2x7k, 5d9c8, , payments",
        "pay-5d9c8-v2-5d9c8-x2x7k, 5d9c8, , pay-5d9c8-v2",
        "payments-5d9c8-x2x7k, 7f7f7, ,",
        "-5d9c8-x2x7k, 5d9c8, ,",
        "db-0, , db-0, db",
        "db-main-12, , db-main-12, db-main",
        "db-0, , db-1,",
        "agent-x2x7k, , ,",
    })
    void aDeploymentOrAStatefulSetIsKnownByItsPods(String name, String hash, String ordinal, String workload) {
        Map<String, String> labels = new HashMap<>();
        if (hash != null) {
            labels.put("pod-template-hash", hash);
        }
        if (ordinal != null) {
            labels.put("statefulset.kubernetes.io/pod-name", ordinal);
        }

        assertThat(new MeshPod("prod", name, labels, "account", List.of()).workload())
                .isEqualTo(workload);
    }
}
