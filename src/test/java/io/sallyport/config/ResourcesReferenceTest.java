package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.ConsistentHash;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.ExtensionProvider;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.HttpDirectResponse;
import io.sallyport.config.model.HttpRedirect;
import io.sallyport.config.model.LoadBalancerSettings;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.RequestAuthentication;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.model.Telemetry;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.validation.NotYetEnforced;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds `config/resources.md` to the records that resources are read into. `-Dsallyport.write-reference=true` writes
/// it anew.
class ResourcesReferenceTest {
    private static final Path REFERENCE = Path.of("config", "resources.md");

    private static final String HEAD = """
            # Resources

            The fields of Istio's `networking.istio.io` resources, of AuthorizationPolicy, PeerAuthentication,
            RequestAuthentication, Telemetry and
            MeshConfig (`mesh`, as in the ConfigMap `istio`; what is in `envoyExtAuthzGrpc` is without
            pathPrefix and lists of headers) that are read. A field that is not here is an error, with a suggestion; others
            of MeshConfig are read over with a warning. `enforced`: the
            gateway acts on it. `read only`: it is read and checked, `validate` warns of it with SAL2900, and the gateway does
            not act on it yet.

            `[]` is every element of a list. A message that is listed already is not repeated: its row names the place.
            """;

    private static final Map<ResourceKind, Class<? extends Record>> KINDS = kinds();

    private final StringBuilder text = new StringBuilder(HEAD);
    private final Map<Class<?>, String> told = new HashMap<>();
    /// Fields whose message is told elsewhere, and where.
    private final Map<String, String> places = new HashMap<>();
    private final List<String> paths = new ArrayList<>();

    private static Map<ResourceKind, Class<? extends Record>> kinds() {
        Map<ResourceKind, Class<? extends Record>> kinds = new LinkedHashMap<>();
        kinds.put(ResourceKind.GATEWAY, Gateway.class);
        kinds.put(ResourceKind.VIRTUAL_SERVICE, VirtualService.class);
        kinds.put(ResourceKind.DESTINATION_RULE, DestinationRule.class);
        kinds.put(ResourceKind.SERVICE_ENTRY, ServiceEntry.class);
        kinds.put(ResourceKind.AUTHORIZATION_POLICY, AuthorizationPolicy.class);
        kinds.put(ResourceKind.PEER_AUTHENTICATION, PeerAuthentication.class);
        kinds.put(ResourceKind.REQUEST_AUTHENTICATION, RequestAuthentication.class);
        kinds.put(ResourceKind.TELEMETRY, Telemetry.class);
        kinds.put(ResourceKind.MESH_CONFIG, MeshConfig.class);
        return kinds;
    }

    @Test
    void theReferenceSaysWhatIsRead() throws Exception {
        KINDS.forEach(this::kind);
        if (Boolean.getBoolean("sallyport.write-reference")) {
            Files.writeString(REFERENCE, text);
        }
        assertThat(REFERENCE).hasContent(text.toString());
    }

    @Test
    void everyFieldThatIsNotEnforcedIsOneThatIsRead() {
        KINDS.forEach((kind, root) -> {
            places.clear();
            paths.clear();
            kind(kind, root);
            for (String field : NotYetEnforced.fields(kind)) {
                assertThat(isRead(field.replaceFirst(": .*", "")))
                        .as("%s %s", kind, field)
                        .isTrue();
            }
        });
    }

    /// Itself, or the same field of a message that is told at another place.
    private boolean isRead(String field) {
        for (Map.Entry<String, String> same : places.entrySet()) {
            String there = same.getValue()
                    + field.substring(Math.min(field.length(), same.getKey().length()));
            if (field.startsWith(same.getKey() + ".") && isRead(there)) {
                return true;
            }
        }
        return paths.contains(field);
    }

    private void kind(ResourceKind kind, Class<? extends Record> root) {
        told.clear();
        text.append("\n## ").append(kind.istioName()).append("\n\n| field | type | |\n|---|---|---|\n");
        fields(kind, root, kind == ResourceKind.MESH_CONFIG ? "mesh" : "spec", true);
    }

    private void fields(ResourceKind kind, Class<?> message, String path, boolean enforced) {
        told.put(message, path);
        for (RecordComponent component : message.getRecordComponents()) {
            if (component.getType() != Position.class && component.getType() != ResourceMeta.class) {
                field(kind, component, path, enforced);
            }
        }
    }

    private void field(ResourceKind kind, RecordComponent component, String parent, boolean parentEnforced) {
        Class<?> type = component.getType();
        List<OneOf> alternatives = ALTERNATIVES.get(type);
        if (alternatives != null) {
            alternatives.forEach(one -> row(kind, parent + one.path(), "", one.type(), one.message(), parentEnforced));
            return;
        }
        String own = component.getName();
        if (type == AuthorizationPolicy.Values.class) {
            String negated = "not" + Character.toUpperCase(own.charAt(0)) + own.substring(1);
            row(kind, parent + "." + own, "[]", "list of string", null, parentEnforced);
            row(kind, parent + "." + negated, "[]", "list of string", null, parentEnforced);
            return;
        }
        Class<?> element = element(component.getGenericType());
        Class<?> message = element.isRecord() ? element : null;
        for (String name :
                NAMES.getOrDefault(component.getDeclaringRecord().getSimpleName() + "." + own, List.of(own))) {
            boolean list = type == List.class && !SINGLE.contains(name);
            String typeName = SINGLE.contains(name) ? name(element) : name(component.getGenericType());
            row(kind, parent + "." + name, list ? "[]" : "", typeName, message, parentEnforced);
        }
    }

    private void row(
            ResourceKind kind, String field, String list, String type, Class<?> message, boolean parentEnforced) {
        paths.add(field);
        boolean enforced = parentEnforced && !NotYetEnforced.fields(kind).contains(field);
        String effect = (enforced ? "enforced" : "read only") + exceptions(kind, field);
        String place = message == null ? null : told.get(message);
        text.append("| `").append(field).append(list).append("` | ").append(type);
        text.append(place == null ? "" : ", as `" + place + "`");
        text.append(" | ").append(WITHOUT_EFFECT.getOrDefault(field, effect)).append(" |\n");
        if (message != null && place == null) {
            fields(kind, message, field + list, enforced);
        } else if (message != null) {
            places.put(field + list, place);
        }
    }

    /// Components that the record has under another name than the file.
    private static final Map<String, List<String>> NAMES = Map.ofEntries(
            Map.entry("AuthorizationPolicy.selector", List.of("selector.matchLabels")),
            Map.entry("AuthorizationPolicy.targets", List.of("targetRef", "targetRefs")),
            Map.entry("AuthorizationPolicy.provider", List.of("provider.name")),
            Map.entry("PeerAuthentication.selector", List.of("selector.matchLabels")),
            Map.entry("PeerAuthentication.mtls", List.of("mtls.mode")),
            Map.entry("PeerAuthentication.ports", List.of("portLevelMtls.<port>.mode")),
            Map.entry("RequestAuthentication.selector", List.of("selector.matchLabels")),
            Map.entry("RequestAuthentication.targets", List.of("targetRef", "targetRefs")),
            Map.entry("Telemetry.selector", List.of("selector.matchLabels")),
            Map.entry("Telemetry.targets", List.of("targetRef", "targetRefs")),
            Map.entry("Tracing.mode", List.of("match.mode")),
            Map.entry("Tracing.providers", List.of("providers[].name")),
            Map.entry("AccessLogging.mode", List.of("match.mode")),
            Map.entry("AccessLogging.providers", List.of("providers[].name")),
            Map.entry("AccessLogging.filter", List.of("filter.expression")),
            Map.entry("Metrics.providers", List.of("providers[].name")),
            Map.entry("MetricsOverride.mode", List.of("match.mode")),
            Map.entry("MetricsOverride.metric", List.of("match.metric")),
            Map.entry("MetricsOverride.customMetric", List.of("match.customMetric")),
            Map.entry("MeshConfig.logProviders", List.of("defaultProviders.accessLogging")),
            Map.entry("ExtensionProvider.fileLog", List.of("envoyFileAccessLog")),
            Map.entry("ExtensionProvider.logService", List.of("envoyOtelAls")),
            Map.entry("LogService.text", List.of("logFormat.text")),
            Map.entry("LogService.labels", List.of("logFormat.labels")),
            Map.entry("FileLog.text", List.of("logFormat.text")),
            Map.entry("FileLog.labels", List.of("logFormat.labels")),
            Map.entry("CustomTag.kind", List.of()),
            Map.entry("CustomTag.name", List.of("environment.name", "header.name")),
            Map.entry(
                    "CustomTag.value",
                    List.of("literal.value", "environment.defaultValue", "header.defaultValue", "formatter.value")),
            Map.entry("MeshConfig.tracingProviders", List.of("defaultProviders.tracing")),
            Map.entry("ExtensionProvider.openTelemetry", List.of("opentelemetry")),
            Map.entry("OpenTelemetry.path", List.of("http.path")),
            Map.entry("OpenTelemetry.timeout", List.of("http.timeout", "grpc.timeout")),
            Map.entry("OpenTelemetry.headers", List.of("http.headers", "grpc.initialMetadata")),
            Map.entry("Header.variable", List.of("envName")),
            Map.entry("Rule.from", List.of("from[].source")),
            Map.entry("Rule.to", List.of("to[].operation")));

    /// Names of lists whose brackets stand elsewhere.
    private static final Set<String> SINGLE =
            Set.of("targetRef", "from[].source", "to[].operation", "providers[].name");

    private static final Map<String, String> WITHOUT_EFFECT = Map.of(
            "spec.targetRef.namespace",
            "must be empty",
            "spec.http[].fault.delay.exponentialDelay",
            "an error, as in Istio",
            "spec.http[].fault.abort.http2Error",
            "an error, as in Istio",
            "spec.trafficPolicy.outlierDetection.consecutiveErrors",
            "deprecated, without effect, as in Istio",
            "spec.servers[].tls.tlsCertificates[].caCertificates",
            "without effect, as in Istio");

    /// A oneof of the API is one component of the record, and several fields of the file.
    private record OneOf(String path, String type, Class<?> message) {}

    private static final Map<Class<?>, List<OneOf>> ALTERNATIVES = Map.of(
            LoadBalancerSettings.Policy.class,
                    List.of(
                            new OneOf(".simple", name(LoadBalancerSettings.Simple.class), null),
                            new OneOf(".consistentHash", "ConsistentHash", ConsistentHash.class)),
            ConsistentHash.HashKey.class,
                    List.of(
                            new OneOf(".httpHeaderName", "string", null),
                            new OneOf(".httpCookie", "HttpCookie", ConsistentHash.HttpCookie.class),
                            new OneOf(".useSourceIp", "true or false", null),
                            new OneOf(".httpQueryParameterName", "string", null)),
            ConsistentHash.HashAlgorithm.class,
                    List.of(
                            new OneOf(".ringHash", "RingHash", ConsistentHash.RingHash.class),
                            new OneOf(".maglev", "Maglev", ConsistentHash.Maglev.class)),
            HttpRedirect.RedirectPort.class,
                    List.of(
                            new OneOf(".port", "integer", null),
                            new OneOf(".derivePort", name(HttpRedirect.DerivePort.class), null)),
            MeshConfig.Topology.class,
                    List.of(new OneOf(".defaultConfig.gatewayTopology", "Topology", MeshConfig.Topology.class)),
            ExtensionProvider.ExternalAuthorizer.class,
                    List.of(
                            new OneOf(
                                    ".envoyExtAuthzHttp",
                                    "ExternalAuthorizer",
                                    ExtensionProvider.ExternalAuthorizer.class),
                            new OneOf(
                                    ".envoyExtAuthzGrpc",
                                    "ExternalAuthorizer",
                                    ExtensionProvider.ExternalAuthorizer.class)),
            ExtensionProvider.Http.class,
                    List.of(
                            new OneOf(".pathPrefix", "string", null),
                            new OneOf(".includeRequestHeadersInCheck[]", "list of string", null),
                            new OneOf(".includeAdditionalHeadersInCheck", "map to string", null),
                            new OneOf(".headersToUpstreamOnAllow[]", "list of string", null),
                            new OneOf(".headersToDownstreamOnDeny[]", "list of string", null),
                            new OneOf(".headersToDownstreamOnAllow[]", "list of string", null)),
            HttpDirectResponse.Body.class,
                    List.of(new OneOf(".body.string", "string", null), new OneOf(".body.bytes", "base64", null)));

    private static String exceptions(ResourceKind kind, String field) {
        return NotYetEnforced.fields(kind).stream()
                .filter(named -> named.startsWith(field + ": "))
                .map(named -> "; " + named.substring(field.length() + 2) + " read only")
                .collect(Collectors.joining());
    }

    private static Class<?> element(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return element(arguments[arguments.length - 1]);
        }
        return (Class<?>) type;
    }

    private static String name(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return (generic.getRawType() == Map.class ? "map to " : "list of ") + name(arguments[arguments.length - 1]);
        }
        Class<?> plain = (Class<?>) type;
        if (plain == StringMatch.class) {
            return "`{exact}`, `{prefix}`, `{regex}` or `{}`";
        }
        if (plain.isEnum()) {
            return Stream.of(plain.getEnumConstants())
                    .map(Object::toString)
                    .filter(one -> !one.isEmpty())
                    .collect(Collectors.joining(", "));
        }
        if (plain == Duration.class) {
            return "duration";
        }
        return plain.isRecord() ? plain.getSimpleName() : scalar(plain);
    }

    private static String scalar(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "integer";
            case "double", "Double" -> "number";
            case "boolean", "Boolean" -> "true or false";
            default -> type.getSimpleName().toLowerCase(Locale.ROOT);
        };
    }
}
