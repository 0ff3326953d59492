package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.SourceFile;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.model.Resource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What depends on a resource that is held or left out.
class DependentsTest {
    private static final String SERVED = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop}
            spec:
              hosts: [shop.example]
              gateways: [edge, infra/inner, mesh]
              http:
              - match: [{uri: {prefix: /pay}}]
                delegate: {name: pay, namespace: team}
              - route: [{destination: {host: cart}}]
                mirror: {host: audit.example}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: pay, namespace: team}
            spec:
              http: [{route: [{destination: {host: a.cdn.example, subset: v1}}]}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: cdn, namespace: team}
            spec: {host: a.cdn.example}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: who}
            spec:
              targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: audit}]
            """;

    private static List<Resource> resources(String yaml) {
        return ConfigurationLoader.load(
                        List.of(new SourceFile("a.yaml", yaml.getBytes(StandardCharsets.UTF_8))), LoadOptions.DEFAULT)
                .files()
                .getFirst()
                .items()
                .stream()
                .map(item -> (Resource) item.resource())
                .toList();
    }

    private static List<String> dependents(String kind, String namespace, String name, String spec) {
        Resource lost = resources(
                        "apiVersion: networking.istio.io/v1\nkind: %s\nmetadata: {name: %s, namespace: %s}\nspec: {%s}\n"
                                .formatted(kind, name, namespace, spec))
                .getFirst();
        return new Dependents(resources(SERVED).stream(), new HostResolution("cluster.local"))
                .of(lost.meta().toString(), lost);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Gateway         | default | edge  | ''                            | VirtualService default/shop
            Gateway         | infra   | inner | ''                            | VirtualService default/shop
            Gateway         | infra   | edge  | ''                            | ''
            VirtualService  | team    | pay   | ''                            | VirtualService default/shop
            VirtualService  | default | shop  | hosts: [shop.example]         | ''
            ServiceEntry    | default | audit | hosts: [AUDIT.example.]       | AuthorizationPolicy default/who,VirtualService default/shop
            ServiceEntry    | other   | cart  | hosts: [cart.default.svc.cluster.local] | VirtualService default/shop
            ServiceEntry    | other   | cdn   | 'hosts: ["*.cdn.example"]'    | DestinationRule team/cdn,VirtualService team/pay
            ServiceEntry    | other   | other | hosts: [b.cdn.example]        | ''
            DestinationRule | other   | rule  | host: a.cdn.example           | VirtualService team/pay
            DestinationRule | default | cart  | host: cart                    | VirtualService default/shop
            """)
    void itIsWhatNamesIt(String kind, String namespace, String name, String spec, String expected) {
        assertThat(dependents(kind, namespace, name, spec))
                .isEqualTo(expected.isEmpty() ? List.of() : List.of(expected.split(",")));
    }

    @Test
    void oneThatNobodyCanReadIsKnownByItsName() {
        var dependents = new Dependents(resources(SERVED).stream(), new HostResolution("cluster.local"));

        assertThat(dependents.of("Gateway default/edge", null)).containsExactly("VirtualService default/shop");
        assertThat(dependents.of("File a.yaml", null)).isEmpty();
    }
}
