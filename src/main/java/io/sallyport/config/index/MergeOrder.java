package io.sallyport.config.index;

import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.persistent.ListDifference;
import io.sallyport.persistent.SortedLists;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The order in which resources that speak of one host are merged, as Istio's: by creation time, name, namespace. Those
/// of which nobody says when they were created come first, as most in files.
public final class MergeOrder {
    private static final Comparator<ResourceMeta> BY_AGE = Comparator.comparing(
                    (ResourceMeta meta) -> Objects.requireNonNullElse(meta.created(), Instant.MIN))
            .thenComparing(ResourceMeta::name)
            .thenComparing(ResourceMeta::namespace);

    public static final Comparator<Resource> OLDEST_FIRST = Comparator.comparing(Resource::meta, BY_AGE);

    private static final Comparator<Resource> BY_NAME = Comparator.comparing(
                    (Resource resource) -> resource.meta().name())
            .thenComparing(resource -> resource.meta().namespace())
            .thenComparing(OLDEST_FIRST);

    private MergeOrder() {}

    public static <R extends Resource> List<R> sorted(Collection<R> resources) {
        return resources.stream().sorted(OLDEST_FIRST).toList();
    }

    /// A list in this order after a change of what is in it.
    ///
    /// @param sorted in this order
    static <R extends Resource> List<R> changed(List<R> sorted, ListDifference<R> difference) {
        return SortedLists.changed(sorted, difference, OLDEST_FIRST);
    }

    /// As [#changed], by name, and those of one name in merge order.
    static <R extends Resource> List<R> changedByName(List<R> byName, ListDifference<R> difference) {
        return SortedLists.changed(byName, difference, BY_NAME);
    }

    /// Whether one of those that were added stands in merge order where another one does.
    static <R extends Resource> boolean hasTwins(List<R> byName, List<R> added) {
        return SortedLists.hasTwins(byName, added, BY_NAME);
    }

    /// The first resource of that name, or null.
    static <R extends Resource> @Nullable R find(List<R> byName, String namespace, String name) {
        int place = SortedLists.place(byName, each -> {
            int order = each.meta().name().compareTo(name);
            return order != 0 ? order : each.meta().namespace().compareTo(namespace);
        });
        R found = place < byName.size() ? byName.get(place) : null;
        boolean named = found != null
                && found.meta().name().equals(name)
                && found.meta().namespace().equals(namespace);
        return named ? found : null;
    }

    /// Whether what one says outweighs what the other says.
    public static boolean isBefore(ResourceMeta one, ResourceMeta other) {
        return BY_AGE.compare(one, other) < 0;
    }
}
