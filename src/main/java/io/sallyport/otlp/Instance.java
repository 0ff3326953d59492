package io.sallyport.otlp;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Map;

/// Who reports spans and the access log.
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
    /// Of what it reports.
    static final InstrumentationScopeInfo SCOPE = InstrumentationScopeInfo.create("io.sallyport");

    public Instance {
        attributes = Map.copyOf(attributes);
    }

    Resource resource() {
        AttributesBuilder all = Attributes.builder().put("service.namespace", namespace);
        attributes.forEach(all::put);
        return Resource.getDefault()
                .merge(Resource.create(all.put("service.name", service).build()));
    }

    /// What Istio's proxies say of themselves in each span.
    Attributes tags() {
        return Attributes.builder()
                .put(Names.CANONICAL_SERVICE, canonicalService)
                .put(Names.CANONICAL_REVISION, canonicalRevision)
                .put(Names.NAMESPACE, namespace)
                .put(Names.MESH_ID, meshId)
                .put(Names.CLUSTER_ID, clusterId)
                .build();
    }
}
