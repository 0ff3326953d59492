package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceMeta;
import java.lang.reflect.RecordComponent;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One document a kind with every field, beside what it is read as.
class GoldenFilesTest {
    /// Any value of these but the proto's zero is refused, by Istio or because it is not supported yet.
    private static final Set<String> ALWAYS_EMPTY = Set.of(
            "HttpFaultInjection.Delay.exponentialDelay",
            "HttpFaultInjection.Abort.http2Error",
            "Port.targetPort",
            "AuthorizationPolicy.TargetRef.namespace");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gateway",
                "virtual-service",
                "destination-rule",
                "service-entry",
                "authorization-policy",
                "peer-authentication",
                "request-authentication",
                "mesh-config",
                "telemetry"
            })
    void isReadInFull(String kind) throws Exception {
        LoadResult result = load(kind);

        assertThat(result.hasErrors()).as("%s", result.problems()).isFalse();
        String expected = Files.readString(golden(kind + ".txt"));
        assertThat(ModelTree.render(result.configuration())).isEqualTo(expected);
    }

    @Test
    void everyFieldOfTheModelIsReadFromSomeDocument() throws Exception {
        Set<String> empty = new TreeSet<>();
        Set<String> filled = new TreeSet<>();
        for (String kind : List.of(
                "gateway",
                "virtual-service",
                "destination-rule",
                "service-entry",
                "authorization-policy",
                "peer-authentication",
                "request-authentication",
                "mesh-config",
                "telemetry")) {
            ModelTree.walk(load(kind).configuration(), (component, value) -> {
                boolean zero = value instanceof Integer number && number == 0
                        || value instanceof Long longNumber && longNumber == 0
                        || Boolean.FALSE.equals(value) && component.getType() == boolean.class;
                (ModelTree.isEmpty(value) || zero ? empty : filled).add(name(component));
            });
        }
        empty.removeAll(filled);
        empty.removeAll(ALWAYS_EMPTY);

        assertThat(empty)
                .containsExactly("ConnectionPoolSettings.Http.useClientProtocol", "ServerTlsSettings.httpsRedirect");
    }

    @Test
    void everyPositionIsInTheFile() throws Exception {
        ModelTree.walk(load("virtual-service").configuration(), (_, value) -> {
            if (value instanceof Position at) {
                assertThat(at.file()).isEqualTo("virtual-service.yaml");
                assertThat(at.line()).isBetween(1, 72);
                assertThat(at.column()).isPositive();
            }
        });
    }

    @Test
    void aRecordPointsAtItsOwnFirstKey() throws Exception {
        Configuration configuration = load("virtual-service").configuration();

        var route = configuration.virtualServices().getFirst().http().getFirst();
        assertThat(route.at()).hasToString("virtual-service.yaml:9:5");
        assertThat(route.match().getFirst().at()).hasToString("virtual-service.yaml:11:7");
        assertThat(route.route().get(1).destination().at()).hasToString("virtual-service.yaml:30:20");
    }

    @Test
    void theDefaultNamespaceIsOfThoseWithoutOneOnly() throws Exception {
        List<SourceFile> files = List.of(
                new SourceFile("a", Files.readAllBytes(golden("service-entry.yaml"))),
                new SourceFile("b", Files.readAllBytes(golden("gateway.yaml"))));

        Configuration configuration = ConfigurationLoader.load(
                        files, LoadOptions.DEFAULT.withDefaultNamespace("edge-system"))
                .configuration();

        assertThat(configuration.serviceEntries().getFirst().meta().namespace()).isEqualTo("edge-system");
        assertThat(configuration.gateways().getFirst().meta())
                .extracting(ResourceMeta::namespace, ResourceMeta::qualifiedName)
                .containsExactly("edge", "edge/all");
    }

    private static String name(RecordComponent component) {
        String type = component.getDeclaringRecord().getName();
        return type.substring(type.lastIndexOf('.') + 1).replace('$', '.') + "." + component.getName();
    }

    private static LoadResult load(String kind) throws Exception {
        String file = kind + ".yaml";
        return ConfigurationLoader.load(
                List.of(new SourceFile(file, Files.readAllBytes(golden(file)))), LoadOptions.DEFAULT);
    }

    private static Path golden(String file) throws URISyntaxException {
        return Path.of(GoldenFilesTest.class.getResource("/config/golden").toURI())
                .resolve(file);
    }
}
