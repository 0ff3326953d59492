package io.sallyport.persistent;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/// Changes of immutable lists that are sorted, each of which costs a few comparisons and copies the pieces of the list
/// that it is in ([PersistentList]).
public final class SortedLists {
    private SortedLists() {}

    /// A sorted list after a change of what is in it. What is added stands before its equals; where there are any, only
    /// sorting everything gives the order that they came in.
    public static <T> List<T> changed(List<T> sorted, ListDifference<T> difference, Comparator<? super T> order) {
        if (difference.isEmpty()) {
            return sorted;
        }
        List<T> added = sorted(difference.added(), order);
        List<T> kept = without(sorted, difference.removed(), order);
        PersistentList.Builder<T> merged = PersistentList.builder();
        int from = 0;
        for (T each : added) {
            int to = place(kept, from, other -> order.compare(other, each));
            merged.addAll(kept, from, to);
            merged.add(each);
            from = to;
        }
        merged.addAll(kept, from, kept.size());
        return merged.build();
    }

    private static <T> List<T> sorted(List<T> all, Comparator<? super T> order) {
        return all.size() < 2 ? List.copyOf(all) : all.stream().sorted(order).toList();
    }

    @SuppressWarnings("ReferenceEquality") // The list has the very objects.
    private static <T> List<T> without(List<T> sorted, List<T> removed, Comparator<? super T> order) {
        if (removed.isEmpty()) {
            return sorted;
        }
        int[] places = new int[removed.size()];
        for (int i = 0; i < places.length; i++) {
            T each = removed.get(i);
            int place = place(sorted, other -> order.compare(other, each));
            while (sorted.get(place) != each) {
                place++;
            }
            places[i] = place;
        }
        // Equals stand in any order.
        Arrays.sort(places);
        PersistentList.Builder<T> kept = PersistentList.builder();
        int from = 0;
        for (int place : places) {
            kept.addAll(sorted, from, place);
            from = place + 1;
        }
        kept.addAll(sorted, from, sorted.size());
        return kept.build();
    }

    /// Where the first stands that does not come before what is looked for.
    ///
    /// @param order of an element to that
    public static <T> int place(List<T> sorted, ToIntFunction<? super T> order) {
        return place(sorted, 0, order);
    }

    private static <T> int place(List<T> sorted, int from, ToIntFunction<? super T> order) {
        int low = from;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order.applyAsInt(sorted.get(middle)) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Whether one of those that were added to a sorted list has an equal in it.
    public static <T> boolean hasTwins(List<T> sorted, List<T> added, Comparator<? super T> order) {
        for (T each : added) {
            int next = place(sorted, other -> order.compare(other, each)) + 1;
            if (next < sorted.size() && order.compare(each, sorted.get(next)) == 0) {
                return true;
            }
        }
        return false;
    }
}
