package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.FileResources;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.SourceFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFindingsTest {
    private static FileResources file(String text) {
        return FileResources.of(
                new SourceFile("a.yaml", text.getBytes(StandardCharsets.ISO_8859_1)), LoadOptions.DEFAULT);
    }

    @Test
    void textsWithoutAnyWordOfInterestSayNothing() {
        assertThat(TextFindings.of("")).isEqualTo(TextFindings.NONE);
        assertThat(TextFindings.of("# " + "x".repeat(100_000) + "\n--- a: b\n")).isEqualTo(TextFindings.NONE);
    }

    @Test
    void policiesAreFoundByDocumentWithTheirNamespaces() {
        TextFindings found = TextFindings.of("""
                kind: AuthorizationPolicy
                metadata: {name: a, namespace: shop}
                spec: {
                ---
                kind: Gateway
                metadata: {name: b, namespace: other}
                ---
                apiVersion: SECURITY.istio.io/v1
                metadata: {labels: {namespace: no}, namespace: unsure}
                ---
                kind: "PeerAuthentication"
                metadata: {name: a}
                """);
        assertThat(found.policies()).containsExactly(Optional.of("shop"), Optional.empty(), Optional.empty());
        assertThat(found.kinds()).isEqualTo(Map.of("AuthorizationPolicy", 1, "Gateway", 1, "PeerAuthentication", 1));
    }

    @Test
    void rulesAreFoundWhereTheyOrderTls() {
        TextFindings found = TextFindings.of("""
                kind: DestinationRule
                metadata: {name: a, namespace: shop}
                spec: {host: payments, trafficPolicy: {tls: {
                ---
                kind: DestinationRule
                spec: {host: plain}
                ---
                kind: DestinationRule
                spec: {host: , tls: {
                """);
        assertThat(found.rules())
                .containsExactly(
                        new TextFindings.Rules(List.of("payments"), Optional.of("shop"), true),
                        new TextFindings.Rules(List.of(), Optional.empty(), false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"extensionProviders: [", "  mesh: |", "data:\n  meshNetworks:", "trustDomain", "a\n\tmesh : x"})
    void settingsOfTheMesh(String text) {
        assertThat(TextFindings.of(text).ofMesh()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a mesh: b", "meshes:", "mesh", "name: mesh"})
    void otherWordsAreNoSettingsOfTheMesh(String text) {
        assertThat(TextFindings.of(text).ofMesh()).isFalse();
    }

    @Test
    void aFileThatStaysAsItIsIsSearchedOnce() {
        FileResources broken = file("a: {");
        FileResources other = file("b: {");
        FileResources sound = file("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n");
        Map<FileResources, TextFindings> first = TextFindings.ofIllegible(List.of(broken, sound), Map.of());
        Map<FileResources, TextFindings> second = TextFindings.ofIllegible(List.of(broken, other), first);

        assertThat(first).containsOnlyKeys(broken);
        assertThat(second).containsOnlyKeys(broken, other);
        assertThat(second.get(broken)).isSameAs(first.get(broken));
    }
}
