package io.sallyport.config.model;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What every resource has: its type and `metadata`.
///
/// @param apiVersion group and version as written, such as `networking.istio.io/v1`
/// @param namespace never empty: a document without one is given the reader's default namespace
/// @param created when, as the API server says; null where nobody does
/// @param at where the document begins
public record ResourceMeta(
        ResourceKind kind,
        String apiVersion,
        String name,
        String namespace,
        Map<String, String> labels,
        Map<String, String> annotations,
        @Nullable Instant created,
        Position at) {

    /// One of which nobody says when it was created.
    public ResourceMeta(
            ResourceKind kind,
            String apiVersion,
            String name,
            String namespace,
            Map<String, String> labels,
            Map<String, String> annotations,
            Position at) {
        this(kind, apiVersion, name, namespace, labels, annotations, null, at);
    }

    /// `namespace/name`, which is how Istio names a resource within its kind.
    public String qualifiedName() {
        return namespace + "/" + name;
    }

    /// For messages: `VirtualService default/payments`.
    @Override
    public String toString() {
        return id(kind, namespace, name);
    }

    /// What [#toString] says of a resource of that kind and name.
    public static String id(ResourceKind kind, String namespace, String name) {
        return kind.istioName() + " " + namespace + "/" + name;
    }
}
