package io.sallyport.config;

import io.sallyport.config.FileResources.Item;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.persistent.ListDifference;
import io.sallyport.persistent.SortedLists;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The resources of all files by kind and name, to find one by these and to know whether two have the same.
///
/// @param sorted those that have a name
/// @param twins whether two have the same
public record ResourceNames(List<Item> sorted, boolean twins) {
    static final ResourceNames NONE = new ResourceNames(List.of(), false);

    private static final Comparator<Item> ORDER = (one, other) -> compare(
            one.meta(),
            other.meta().kind(),
            other.meta().namespace(),
            other.meta().name());

    static ResourceNames of(List<FileResources> files) {
        return NONE.next(List.of(), files);
    }

    /// Those of the next reading.
    ///
    /// @param before the files of this one
    ResourceNames next(List<FileResources> before, List<FileResources> now) {
        ListDifference<FileResources> files = ListDifference.between(before, now);
        // Of a file that has changed, too, most are the same.
        ListDifference<Item> items = ListDifference.between(named(files.removed()), named(files.added()));
        List<Item> next = SortedLists.changed(sorted, items, ORDER);
        boolean hasTwins = twins ? !withTwins(next).isEmpty() : SortedLists.hasTwins(next, items.added(), ORDER);
        return new ResourceNames(next, hasTwins);
    }

    private static List<Item> named(List<FileResources> files) {
        return files.stream()
                .flatMap(file -> file.items().stream())
                .filter(item -> !item.meta().name().isEmpty())
                .toList();
    }

    /// All that have that kind and name; several only where they are defined several times, in no certain order.
    public List<Item> find(ResourceKind kind, String namespace, String name) {
        int from = SortedLists.place(sorted, item -> compare(item.meta(), kind, namespace, name));
        int to = from;
        while (to < sorted.size() && compare(sorted.get(to).meta(), kind, namespace, name) == 0) {
            to++;
        }
        return sorted.subList(from, to);
    }

    /// All that are defined several times.
    public List<Item> withTwins() {
        return twins ? withTwins(sorted) : List.of();
    }

    private static List<Item> withTwins(List<Item> sorted) {
        List<Item> found = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i++) {
            boolean before = i > 0 && ORDER.compare(sorted.get(i - 1), sorted.get(i)) == 0;
            boolean after = i + 1 < sorted.size() && ORDER.compare(sorted.get(i), sorted.get(i + 1)) == 0;
            if (before || after) {
                found.add(sorted.get(i));
            }
        }
        return found;
    }

    private static int compare(ResourceMeta meta, ResourceKind kind, String namespace, String name) {
        int byName = meta.name().compareTo(name);
        if (byName != 0) {
            return byName;
        }
        int byNamespace = meta.namespace().compareTo(namespace);
        return byNamespace != 0 ? byNamespace : meta.kind().compareTo(kind);
    }
}
