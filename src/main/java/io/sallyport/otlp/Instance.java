package io.sallyport.otlp;

import java.util.Map;
import java.util.TreeMap;

/// Who reports spans, the access log and metrics.
///
/// @param service the name of the service (`OTEL_SERVICE_NAME`)
/// @param attributes of the resource besides (`OTEL_RESOURCE_ATTRIBUTES`)
/// @param canonicalService Istio's name of the workload
/// @param canonicalRevision `latest` where it has none
/// @param meshId `unknown` where it is not known, like `clusterId`
public record Instance(
        String service,
        Map<String, String> attributes,
        String namespace,
        String canonicalService,
        String canonicalRevision,
        String meshId,
        String clusterId) {
    public Instance {
        attributes = Map.copyOf(attributes);
    }

    /// @param more attributes besides
    Resource resource(Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(more);
        // Who encodes is no SDK of OpenTelemetry.
        all.put("telemetry.sdk.language", "java");
        all.put("telemetry.sdk.name", "sallyport");
        all.put("service.namespace", namespace);
        all.putAll(attributes);
        all.put("service.name", service);
        return new Resource(all);
    }

    /// What Istio's proxies say of themselves in each span.
    void tags(Attributes to) {
        to.put(Names.CANONICAL_SERVICE, canonicalService);
        to.put(Names.CANONICAL_REVISION, canonicalRevision);
        to.put(Names.NAMESPACE, namespace);
        to.put(Names.MESH_ID, meshId);
        to.put(Names.CLUSTER_ID, clusterId);
    }
}
