package io.sallyport.config;

import io.sallyport.config.FileResources.Item;
import io.sallyport.persistent.ListDifference;
import io.sallyport.persistent.SortedLists;
import java.util.Comparator;
import java.util.List;

/// The resources of all files by kind and name, to know whether two have one name.
///
/// @param sorted those that have a name
/// @param twins whether two have the same
record ResourceNames(List<Item> sorted, boolean twins) {
    static final ResourceNames NONE = new ResourceNames(List.of(), false);

    private static final Comparator<Item> ORDER = Comparator.comparing(
                    (Item item) -> item.meta().name())
            .thenComparing(item -> item.meta().namespace())
            .thenComparing(item -> item.meta().kind());

    /// Those of the next reading.
    ///
    /// @param before the files of this one
    ResourceNames next(List<FileResources> before, List<FileResources> now) {
        if (twins) {
            return NONE.next(List.of(), now);
        }
        ListDifference<FileResources> files = ListDifference.between(before, now);
        // Of a file that has changed, too, most are the same.
        ListDifference<Item> items = ListDifference.between(named(files.removed()), named(files.added()));
        List<Item> next = SortedLists.changed(sorted, items, ORDER);
        return new ResourceNames(next, SortedLists.hasTwins(next, items.added(), ORDER));
    }

    private static List<Item> named(List<FileResources> files) {
        return files.stream()
                .flatMap(file -> file.items().stream())
                .filter(item -> !item.meta().name().isEmpty())
                .toList();
    }
}
