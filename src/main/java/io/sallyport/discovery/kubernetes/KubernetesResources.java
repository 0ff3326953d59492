package io.sallyport.discovery.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Istio's resources as the API server has them, each as a document by itself. Each kind has to be listed once: of one
/// that may not be nobody knows what it would have denied. Of a kind that the server does not know there are none;
/// but one that does not even know those of networking.istio.io is no server that has them.
final class KubernetesResources {
    private static final Logger LOG = Logger.getLogger(KubernetesResources.class);

    /// The same text for the same object, whatever order its fields came in.
    private static final ObjectWriter JSON = new ObjectMapper()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .writerWithDefaultPrettyPrinter();

    private static final Pattern FORBIDDEN = Pattern.compile("[\\x7F-\\x84\\x86-\\x9F\\uFFFE\\uFFFF]");

    private static final String VERSION = "v1";
    private static final String NETWORKING = "networking.istio.io";

    /// What other tools keep beside a resource: of no use, and long.
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private static final List<Kind> KINDS = List.of(
            new Kind(NETWORKING, "Gateway", "gateways"),
            new Kind(NETWORKING, "VirtualService", "virtualservices"),
            new Kind(NETWORKING, "DestinationRule", "destinationrules"),
            new Kind(NETWORKING, "ServiceEntry", "serviceentries"),
            new Kind("security.istio.io", "AuthorizationPolicy", "authorizationpolicies"),
            new Kind("security.istio.io", "RequestAuthentication", "requestauthentications"),
            new Kind("security.istio.io", "PeerAuthentication", "peerauthentications"),
            new Kind("telemetry.istio.io", "Telemetry", "telemetries"));

    private record Kind(String group, String name, String plural) {
        ObjectFeed.Refusal refusal() {
            return group.equals(NETWORKING) ? ObjectFeed.Refusal.NONE : ObjectFeed.Refusal.ABSENT;
        }

        String fullName() {
            return plural + '.' + group;
        }

        /// As resources are named everywhere.
        String nameOf(ObjectName object) {
            return name + ' ' + object;
        }
    }

    private final List<ObjectFeed<GenericKubernetesResource>> feeds;
    private final TreeMap<String, byte[]> documents = new TreeMap<>();
    private boolean changed;

    /// @param onChange called after every object, on any thread
    KubernetesResources(ApiServer server, Runnable onChange) {
        feeds = KINDS.stream().map(kind -> feed(server, kind, onChange)).toList();
    }

    private ObjectFeed<GenericKubernetesResource> feed(ApiServer server, Kind kind, Runnable onChange) {
        return new ObjectFeed<>(
                server,
                new ObjectFeed.Kind<>(
                        kind.fullName(),
                        ObjectPath.group(kind.group(), VERSION, kind.plural()),
                        GenericKubernetesResource.class),
                kind.refusal(),
                () -> LOG.infof("the API server does not know %s: there are none until it does", kind.fullName()),
                new ObjectFeed.Reader<>(
                        object -> put(kind.nameOf(ObjectName.of(object)), document(kind, object)),
                        name -> put(kind.nameOf(name), null)),
                onChange);
    }

    List<ObjectFeed<GenericKubernetesResource>> feeds() {
        return feeds;
    }

    private static byte[] document(Kind kind, GenericKubernetesResource object) {
        ObjectMeta meta = object.getMetadata();
        Map<String, Object> metadata = new TreeMap<>();
        metadata.put("name", meta.getName());
        metadata.put("namespace", meta.getNamespace());
        putUnlessEmpty(metadata, "creationTimestamp", meta.getCreationTimestamp());
        putUnlessEmpty(metadata, "labels", meta.getLabels());
        if (meta.getAnnotations() != null) {
            Map<String, String> annotations = new TreeMap<>(meta.getAnnotations());
            annotations.remove(LAST_APPLIED);
            putUnlessEmpty(metadata, "annotations", annotations);
        }
        Map<String, Object> document = new LinkedHashMap<>(object.getAdditionalProperties());
        document.remove("status");
        document.put("apiVersion", kind.group() + '/' + VERSION);
        document.put("kind", kind.name());
        document.put("metadata", metadata);
        try {
            // Straight to bytes, some characters would be written as surrogates, which YAML does not know.
            return withoutForbidden(JSON.writeValueAsString(document)).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("what was JSON is JSON", impossible);
        }
    }

    /// Characters that YAML allows in no other way (YAML 1.2.2, 5.1) stand within quotes here.
    private static String withoutForbidden(String json) {
        return FORBIDDEN.matcher(json).replaceAll(found -> "\\\\u%04x"
                .formatted((int) found.group().charAt(0)));
    }

    private static void putUnlessEmpty(Map<String, Object> metadata, String key, @Nullable Object value) {
        if (value != null && !(value instanceof Map<?, ?> map && map.isEmpty())) {
            metadata.put(key, value);
        }
    }

    private void put(String name, byte @Nullable [] document) {
        synchronized (documents) {
            byte[] before = document == null ? documents.remove(name) : documents.put(name, document);
            changed |= !Arrays.equals(before, document);
        }
    }

    /// By name, `VirtualService default/shop`.
    Map<String, byte[]> documents() {
        synchronized (documents) {
            return new TreeMap<>(documents);
        }
    }

    /// Whether any has changed since the last call.
    boolean publish() {
        synchronized (documents) {
            boolean news = changed;
            changed = false;
            return news;
        }
    }
}
