package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.testing.ConfigurationText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What PeerAuthentications come to for a workload `app: foo, stage: prod` of namespace `my-ns`. The first rows are
/// Istio's own (pilot/pkg/security/authn/policy_applier_test.go, `TestComposePeerAuthentication`), by name instead of
/// age.
class PeerModesCompilerTest {
    private static final String ROOT = "root-namespace";
    private static final Map<String, String> LABELS = Map.of("app", "foo", "stage", "prod");

    private static PeerModesCompiler compiler(String policies) {
        List<String> documents = new ArrayList<>();
        for (String policy : policies.isEmpty() ? new String[0] : policies.split(" \\+ ")) {
            String name = policy.substring(0, policy.indexOf(' '));
            int slash = name.indexOf('/');
            documents.add(
                    "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: %s, namespace: %s}, spec: %s}"
                            .formatted(
                                    name.substring(slash + 1),
                                    name.substring(0, slash),
                                    policy.substring(policy.indexOf(' ') + 1)));
        }
        List<PeerAuthentication> read = documents.isEmpty()
                ? List.of()
                : ConfigurationText.read(documents.toArray(String[]::new)).peerAuthentications();
        InstanceScope scope = new InstanceScope("my-ns", ROOT, "cluster.local", LABELS, "");
        return new PeerModesCompiler(read, scope);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 80, PERMISSIVE",
        "'root-namespace/default {mtls: {mode: STRICT}}', 80, STRICT",
        "'root-namespace/default {selector: {matchLabels: {}}, mtls: {mode: STRICT}} + my-ns/default {mtls: {mode: PERMISSIVE}}', 80, PERMISSIVE",
        "'root-namespace/default {selector: {matchLabels: {app: foo}}, mtls: {mode: STRICT}}', 80, PERMISSIVE",
        "'my-ns/default {} + my-ns/foo {selector: {matchLabels: {app: foo}}}', 80, PERMISSIVE",
        "'my-ns/default {mtls: {mode: PERMISSIVE}} + root-namespace/default {mtls: {mode: DISABLE}}', 80, PERMISSIVE",
        "'root-namespace/b {mtls: {mode: DISABLE}} + root-namespace/a {mtls: {mode: PERMISSIVE}} + root-namespace/c {mtls: {mode: STRICT}}', 80, PERMISSIVE",
        "'my-ns/b {mtls: {mode: DISABLE}} + my-ns/a {mtls: {mode: PERMISSIVE}} + my-ns/c {mtls: {mode: STRICT}}', 80, PERMISSIVE",
        "'my-ns/b {selector: {matchLabels: {app: foo}}, mtls: {mode: DISABLE}} + my-ns/a {selector: {matchLabels: {app: foo}}, mtls: {mode: PERMISSIVE}} + my-ns/c {selector: {matchLabels: {stage: prod}}, mtls: {mode: STRICT}}', 80, PERMISSIVE",
        "'root-namespace/default {mtls: {mode: UNSET}}', 80, PERMISSIVE",
        "'root-namespace/default {mtls: {mode: STRICT}} + my-ns/foo {selector: {matchLabels: {app: foo}}}', 80, STRICT",
        "'my-ns/default {mtls: {mode: STRICT}} + my-ns/foo {selector: {matchLabels: {app: foo}}}', 80, STRICT",
        "'root-namespace/default {mtls: {mode: STRICT}} + my-ns/default {mtls: {mode: UNSET}} + my-ns/foo {selector: {matchLabels: {app: foo}}}', 80, STRICT",
        "'root-namespace/default {mtls: {mode: STRICT}} + my-ns/foo {selector: {matchLabels: {app: foo}}, portLevelMtls: {80: {mode: DISABLE}, 90: {mode: UNSET}, 100: {}}}', 80, DISABLE",
        "'root-namespace/default {mtls: {mode: STRICT}} + my-ns/foo {selector: {matchLabels: {app: foo}}, portLevelMtls: {80: {mode: DISABLE}, 90: {mode: UNSET}, 100: {}}}', 90, STRICT",
        "'root-namespace/default {mtls: {mode: STRICT}} + my-ns/foo {selector: {matchLabels: {app: foo}}, portLevelMtls: {80: {mode: DISABLE}, 90: {mode: UNSET}, 100: {}}}', 100, STRICT",
        "'root-namespace/default {mtls: {mode: STRICT}} + my-ns/foo {selector: {matchLabels: {app: foo}}, portLevelMtls: {80: {mode: DISABLE}}}', 81, STRICT",
        // Not Istio's.
        "'other-ns/default {mtls: {mode: STRICT}}', 80, PERMISSIVE",
        "'my-ns/foo {selector: {matchLabels: {app: other}}, mtls: {mode: STRICT}}', 80, PERMISSIVE",
        "'my-ns/foo {selector: {matchLabels: {app: foo}}, mtls: {mode: DISABLE}, portLevelMtls: {80: {mode: UNSET}}} + my-ns/default {mtls: {mode: STRICT}}', 80, DISABLE",
    })
    void isWhatIstioMakesOfThem(String policies, int port, String mode) {
        assertThat(compiler(policies).of("my-ns").of(LABELS, port)).hasToString(mode);
    }

    @ParameterizedTest
    @CsvSource({
        "'', ",
        "'other-ns/default {mtls: {mode: STRICT}}', PERMISSIVE",
        "'my-ns/default {mtls: {mode: STRICT}}', STRICT",
        "'my-ns/foo {selector: {matchLabels: {app: foo}}, portLevelMtls: {15001: {mode: DISABLE}}}', DISABLE",
    })
    void holdsForTheInstanceToo(String policies, String mode) {
        assertThat(String.valueOf(compiler(policies).ofInstance(15001))).isEqualTo(String.valueOf(mode));
    }
}
