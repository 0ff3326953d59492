package io.sallyport.discovery.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
    private static final ObjectWriter JSON = JsonMapper.builder()
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .build()
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

    private final List<ObjectFeed<ObjectNode>> feeds;
    private final TreeMap<String, byte[]> documents = new TreeMap<>();
    private boolean changed;

    /// @param onChange called after every object, on any thread
    KubernetesResources(ApiServer server, Runnable onChange) {
        feeds = KINDS.stream().map(kind -> feed(server, kind, onChange)).toList();
    }

    private ObjectFeed<ObjectNode> feed(ApiServer server, Kind kind, Runnable onChange) {
        return new ObjectFeed<>(
                server,
                new ObjectFeed.Kind<>(
                        kind.fullName(), ObjectPath.group(kind.group(), VERSION, kind.plural()), ObjectNode.class),
                kind.refusal(),
                () -> LOG.infof("the API server does not know %s: there are none until it does", kind.fullName()),
                new ObjectFeed.Reader<>(
                        (name, object) -> put(kind.nameOf(name), document(kind, object)),
                        name -> put(kind.nameOf(name), null)),
                onChange);
    }

    List<ObjectFeed<ObjectNode>> feeds() {
        return feeds;
    }

    /// Of whatever shape it is: what cannot be decoded must not be left out as if it were not there.
    private static byte[] document(Kind kind, ObjectNode object) {
        object.remove("status");
        object.put("apiVersion", kind.group() + '/' + VERSION);
        object.put("kind", kind.name());
        ObjectNode metadata = (ObjectNode) object.get("metadata");
        metadata.retain("name", "namespace", "creationTimestamp", "labels", "annotations");
        if (metadata.get("annotations") instanceof ObjectNode annotations) {
            annotations.remove(LAST_APPLIED);
        }
        metadata.removeIf(each -> each.isNull() || (each.isContainerNode() && each.isEmpty()));
        try {
            // Straight to bytes, some characters would be written as surrogates, which YAML does not know.
            return withoutForbidden(JSON.writeValueAsString(object)).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("what was JSON is JSON", impossible);
        }
    }

    /// Characters that YAML allows in no other way (YAML 1.2.2, 5.1) stand within quotes here.
    private static String withoutForbidden(String json) {
        return FORBIDDEN.matcher(json).replaceAll(found -> "\\\\u%04x"
                .formatted((int) found.group().charAt(0)));
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
