package io.sallyport.config.index;

import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceMeta;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// The order in which resources that speak of one host are merged, as Istio's: by creation time, name, namespace. Those
/// of which nobody says when they were created come first, as most in files.
public final class MergeOrder {
    private static final Comparator<ResourceMeta> BY_AGE = Comparator.comparing(
                    (ResourceMeta meta) -> Objects.requireNonNullElse(meta.created(), Instant.MIN))
            .thenComparing(ResourceMeta::name)
            .thenComparing(ResourceMeta::namespace);

    public static final Comparator<Resource> OLDEST_FIRST = Comparator.comparing(Resource::meta, BY_AGE);

    private MergeOrder() {}

    public static <R extends Resource> List<R> sorted(Collection<R> resources) {
        return resources.stream().sorted(OLDEST_FIRST).toList();
    }

    /// Whether what one says outweighs what the other says.
    public static boolean isBefore(ResourceMeta one, ResourceMeta other) {
        return BY_AGE.compare(one, other) < 0;
    }
}
