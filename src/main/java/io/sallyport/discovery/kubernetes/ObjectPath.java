package io.sallyport.discovery.kubernetes;

import org.jspecify.annotations.Nullable;

/// Which objects of one kind are followed: all, or the one of a name.
///
/// @param path of the API server's resource, such as `/api/v1/pods`
/// @param namespace of the one object; null for all objects
/// @param name of the one object, which is valid as such; null for all objects
record ObjectPath(
        String path, @Nullable String namespace, @Nullable String name) {
    /// All objects of the core API's kind.
    static ObjectPath core(String plural) {
        return new ObjectPath("/api/v1/" + plural, null, null);
    }

    /// One object of the core API's kind.
    static ObjectPath core(String plural, String namespace, String name) {
        return new ObjectPath("/api/v1/namespaces/" + namespace + '/' + plural, namespace, name);
    }

    /// All objects of a kind in a group.
    static ObjectPath group(String group, String version, String plural) {
        return new ObjectPath("/apis/" + group + '/' + version + '/' + plural, null, null);
    }

    boolean selects(ObjectName object) {
        return name == null || (name.equals(object.name()) && object.namespace().equals(namespace));
    }

    /// @param parameters those of the list or the watch
    String with(String parameters) {
        String selector = name == null ? "" : "fieldSelector=metadata.name%3D" + name;
        String separator = selector.isEmpty() || parameters.isEmpty() ? "" : "&";
        String query = selector + separator + parameters;
        return query.isEmpty() ? path : path + '?' + query;
    }
}
