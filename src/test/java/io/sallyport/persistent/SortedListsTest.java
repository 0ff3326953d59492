package io.sallyport.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SortedListsTest {
    private static final Comparator<Thing> BY_NAME = Comparator.comparing(Thing::name);

    /// One object among others of its name.
    private static final class Thing {
        private final int name;

        Thing(int name) {
            this.name = name;
        }

        int name() {
            return name;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10, 1_000})
    void anyChangeLeavesTheRestSorted(int names) {
        Random random = new Random(names);
        List<Thing> all = new ArrayList<>();
        List<Thing> sorted = List.of();
        for (int round = 0; round < 300; round++) {
            List<Thing> removed = some(all, random);
            all.removeAll(removed);
            List<Thing> added = new ArrayList<>();
            for (int i = random.nextInt(6); i > 0; i--) {
                added.add(new Thing(random.nextInt(names)));
            }
            all.addAll(added);

            sorted = SortedLists.changed(sorted, new ListDifference<>(removed, added), BY_NAME);

            assertThat(sorted).isSortedAccordingTo(BY_NAME).hasSameSizeAs(all);
            Map<Thing, Thing> known = new IdentityHashMap<>();
            sorted.forEach(thing -> known.put(thing, thing));
            assertThat(known.keySet()).containsAll(all);
        }
    }

    /// Of a list in pieces, as of a short one.
    @Test
    void aChangeOfALongList() {
        Random random = new Random(7);
        List<Thing> all = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            all.add(new Thing(random.nextInt(2_000)));
        }
        List<Thing> sorted = SortedLists.changed(List.of(), new ListDifference<>(List.of(), all), BY_NAME);
        for (int round = 0; round < 200; round++) {
            List<Thing> removed =
                    List.of(all.remove(random.nextInt(all.size())), all.remove(random.nextInt(all.size())));
            List<Thing> added = List.of(new Thing(random.nextInt(2_000)), new Thing(random.nextInt(2_000)));
            all.addAll(added);

            sorted = SortedLists.changed(sorted, new ListDifference<>(removed, added), BY_NAME);

            assertThat(sorted).isSortedAccordingTo(BY_NAME).hasSameSizeAs(all);
            assertThat(Set.copyOf(sorted)).isEqualTo(Set.copyOf(all));
            assertThat(SortedLists.hasTwins(sorted, added, BY_NAME))
                    .isEqualTo(added.stream().anyMatch(each -> all.stream()
                            .anyMatch(other -> other != each && other.name() == each.name())));
        }
    }

    /// In any order.
    private static List<Thing> some(List<Thing> all, Random random) {
        List<Thing> some = new ArrayList<>();
        for (Thing thing : all) {
            if (random.nextInt(5) == 0) {
                some.add(random.nextInt(some.size() + 1), thing);
            }
        }
        return some;
    }
}
