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
    private static final int MAX_NAME = 253;
    private static final int MAX_NAMESPACE = 63;

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

    /// For messages: `VirtualService default/payments`. On one line, and no longer than names that Kubernetes takes.
    @Override
    public String toString() {
        return shown(kind.istioName(), namespace, name);
    }

    /// As [#toString], of a resource of that kind and name.
    ///
    /// @param namespace empty where the kind has none
    public static String shown(String kind, String namespace, String name) {
        String shown = ShownText.of(name, MAX_NAME);
        return namespace.isEmpty()
                ? kind + " " + shown
                : kind + " " + ShownText.of(namespace, MAX_NAMESPACE) + "/" + shown;
    }

    /// What tells it from others, as it is written.
    public String id() {
        return id(kind, namespace, name);
    }

    /// As [#id()], of a resource of that kind and name.
    public static String id(ResourceKind kind, String namespace, String name) {
        return kind.istioName() + " " + namespace + "/" + name;
    }
}
