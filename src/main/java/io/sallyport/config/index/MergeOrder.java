package io.sallyport.config.index;

import io.sallyport.config.model.Resource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// The order in which resources that speak of one host are merged. Istio takes creation time, name, namespace; files
/// have no creation time.
public final class MergeOrder {
    private static final Comparator<Resource> BY_NAME = Comparator.comparing(
                    (Resource resource) -> resource.meta().name())
            .thenComparing(resource -> resource.meta().namespace());

    private MergeOrder() {}

    public static <R extends Resource> List<R> sorted(Collection<R> resources) {
        return resources.stream().sorted(BY_NAME).toList();
    }
}
