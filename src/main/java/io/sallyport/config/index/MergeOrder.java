package io.sallyport.config.index;

import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceMeta;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// The order in which resources that speak of one host are merged. Istio takes creation time, name, namespace; files
/// have no creation time.
public final class MergeOrder {
    private static final Comparator<ResourceMeta> BY_NAME =
            Comparator.comparing(ResourceMeta::name).thenComparing(ResourceMeta::namespace);

    private MergeOrder() {}

    public static <R extends Resource> List<R> sorted(Collection<R> resources) {
        return resources.stream()
                .sorted(Comparator.comparing(Resource::meta, BY_NAME))
                .toList();
    }

    /// Whether what one says outweighs what the other says.
    public static boolean isBefore(ResourceMeta one, ResourceMeta other) {
        return BY_NAME.compare(one, other) < 0;
    }
}
