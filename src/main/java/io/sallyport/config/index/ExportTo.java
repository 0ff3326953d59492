package io.sallyport.config.index;

import java.util.List;

/// The `exportTo` field: which namespaces may see a resource. `.` is its own, `*` all, `~` none; absent is all.
public final class ExportTo {
    private ExportTo() {}

    /// Whether a client in namespace `from` sees a resource that stands in `namespace`.
    public static boolean isVisible(List<String> exportTo, String namespace, String from) {
        if (exportTo.isEmpty()) {
            return true;
        }
        for (String entry : exportTo) {
            boolean visible =
                    switch (entry) {
                        case "*" -> true;
                        case "." -> namespace.equals(from);
                        default -> entry.equals(from);
                    };
            if (visible) {
                return true;
            }
        }
        return false;
    }

    /// Whether nobody but the resource's own namespace can see it.
    static boolean isPrivate(List<String> exportTo, String namespace) {
        return !exportTo.isEmpty() && exportTo.stream().allMatch(entry -> entry.equals(".") || entry.equals(namespace));
    }
}
