package io.sallyport.config.analysis;

/// Paths of fields in Istio's spelling.
final class Fields {
    private Fields() {}

    /// `parent[index]`.
    static String item(String parent, int index) {
        return parent + "[" + index + "]";
    }

    /// `spec.http[route].match[match]`, for each kind of route.
    static String match(String routes, int route, int match) {
        return item(item(routes, route) + ".match", match);
    }
}
