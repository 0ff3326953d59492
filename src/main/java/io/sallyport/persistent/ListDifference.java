package io.sallyport.persistent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// What is in one of two lists alone, by the very objects. Another order is no difference.
///
/// @param removed in the order of the first
/// @param added in the order of the second
public record ListDifference<T>(List<T> removed, List<T> added) {
    /// So many elements in all may be left out in both lists before they are the same again.
    private static final int GAP = 8;

    public static <T> ListDifference<T> between(List<T> before, List<T> now) {
        int head = head(before, now);
        int tail = tail(before, now, head);
        List<T> ofBefore = before.subList(head, before.size() - tail);
        List<T> ofNow = now.subList(head, now.size() - tail);
        if (ofBefore.isEmpty() || ofNow.isEmpty()) {
            return new ListDifference<>(ofBefore, ofNow);
        }
        ListDifference<T> gaps = gaps(ofBefore, ofNow);
        return new ListDifference<>(allBut(gaps.added, gaps.removed), allBut(gaps.removed, gaps.added));
    }

    /// What is different in the lists one beside the other, up to where they are too different for that, and all that
    /// follows. To look at the elements once takes less time than to hash them.
    @SuppressWarnings("ReferenceEquality") // The very objects.
    private static <T> ListDifference<T> gaps(List<T> before, List<T> now) {
        ListDifference<T> gaps = new ListDifference<>(new ArrayList<>(), new ArrayList<>());
        int i = 0;
        int j = 0;
        while (i < before.size() && j < now.size()) {
            if (before.get(i) == now.get(j)) {
                i++;
                j++;
                continue;
            }
            int gone = gap(before, i, now, j);
            if (gone < 0) {
                break;
            }
            int ofBefore = gone / (GAP + 1);
            int ofNow = gone % (GAP + 1);
            gaps.removed.addAll(before.subList(i, i + ofBefore));
            gaps.added.addAll(now.subList(j, j + ofNow));
            i += ofBefore;
            j += ofNow;
        }
        gaps.removed.addAll(before.subList(i, before.size()));
        gaps.added.addAll(now.subList(j, now.size()));
        return gaps;
    }

    /// How many have to be left out until two are the same: those of the first list times [#GAP] + 1, and those of
    /// the second; -1 where that is more than [#GAP].
    @SuppressWarnings("ReferenceEquality") // The very objects.
    private static <T> int gap(List<T> before, int i, List<T> now, int j) {
        for (int all = 1; all <= GAP; all++) {
            for (int ofBefore = 0; ofBefore <= all; ofBefore++) {
                int ofNow = all - ofBefore;
                if (i + ofBefore < before.size()
                        && j + ofNow < now.size()
                        && before.get(i + ofBefore) == now.get(j + ofNow)) {
                    return ofBefore * (GAP + 1) + ofNow;
                }
            }
        }
        return -1;
    }

    /// How many the lists have in common at the beginning.
    @SuppressWarnings("ReferenceEquality") // What the lists have in common are the very objects.
    public static <T> int head(List<T> before, List<T> now) {
        int shorter = Math.min(before.size(), now.size());
        int head = before == now ? shorter : PersistentList.sharedHead(before, now);
        while (head < shorter && before.get(head) == now.get(head)) {
            head++;
        }
        return head;
    }

    /// How many they have in common at the end, behind what they have at the beginning.
    @SuppressWarnings("ReferenceEquality") // The very objects.
    public static <T> int tail(List<T> before, List<T> now, int head) {
        int shorter = Math.min(before.size(), now.size());
        int tail = PersistentList.sharedTail(before, now, shorter - head);
        while (tail < shorter - head && before.get(before.size() - 1 - tail) == now.get(now.size() - 1 - tail)) {
            tail++;
        }
        return tail;
    }

    private static <T> List<T> allBut(List<T> others, List<T> of) {
        if (of.isEmpty() || others.isEmpty()) {
            return of;
        }
        Set<T> known = Collections.newSetFromMap(new IdentityHashMap<>(others.size()));
        known.addAll(others);
        List<T> left = new ArrayList<>();
        for (T each : of) {
            if (!known.contains(each)) {
                left.add(each);
            }
        }
        return left;
    }

    public boolean isEmpty() {
        return removed.isEmpty() && added.isEmpty();
    }

    /// That of each key, of those that have it.
    ///
    /// @param keys of one
    public <K> Map<K, ListDifference<T>> by(Function<T, ? extends Iterable<K>> keys) {
        Map<K, ListDifference<T>> each = new HashMap<>();
        for (T one : removed) {
            keys.apply(one).forEach(key -> at(key, each).removed.add(one));
        }
        for (T one : added) {
            keys.apply(one).forEach(key -> at(key, each).added.add(one));
        }
        return each;
    }

    private static <K, T> ListDifference<T> at(K key, Map<K, ListDifference<T>> each) {
        return each.computeIfAbsent(key, _ -> new ListDifference<>(new ArrayList<>(), new ArrayList<>()));
    }

    /// Of those alone that meet a condition.
    public ListDifference<T> of(Predicate<T> condition) {
        return new ListDifference<>(
                removed.stream().filter(condition).toList(),
                added.stream().filter(condition).toList());
    }
}
