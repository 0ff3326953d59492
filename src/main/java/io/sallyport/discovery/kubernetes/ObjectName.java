package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Objects;

/// What tells an object from others of its kind. Its uid does not: two objects may have the same one where a server
/// errs.
///
/// @param namespace empty where the kind has none
record ObjectName(String namespace, String name) {
    static ObjectName of(HasMetadata object) {
        return new ObjectName(
                Objects.requireNonNullElse(object.getMetadata().getNamespace(), ""),
                object.getMetadata().getName());
    }

    @Override
    public String toString() {
        return namespace + '/' + name;
    }
}
