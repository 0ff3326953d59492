package io.sallyport.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersistentListTest {
    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 1_024, 5_000})
    void aCopyIsTheSameList(int count) {
        List<Integer> numbers = numbers(count);
        List<Integer> copy = PersistentList.copyOf(numbers);

        assertThat(copy).isEqualTo(numbers).hasSameHashCodeAs(numbers);
        assertThat(new ArrayList<>(copy)).isEqualTo(numbers);
        for (int i = 0; i < count; i++) {
            assertThat(copy.get(i)).isEqualTo(i);
        }
        assertThat(copy.subList(count / 3, count)).isEqualTo(numbers.subList(count / 3, count));
        assertThat(PersistentList.copyOf(copy)).isSameAs(copy);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 5_000})
    void itCannotBeChangedOrReadBeyondItsEnd(int count) {
        List<Integer> list = PersistentList.copyOf(new ArrayList<>(numbers(count)));

        assertThatThrownBy(() -> list.add(1)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> list.set(0, 1)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> list.get(count)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> list.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        var iterator = list.iterator();
        numbers(count).forEach(_ -> iterator.next());
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void rangesThatAreReplacedAgainAndAgain(long seed) {
        Random random = new Random(seed);
        List<Integer> all = new ArrayList<>(numbers(20_000));
        List<Integer> list = PersistentList.copyOf(all);
        for (int round = 0; round < 400; round++) {
            List<Integer> before = list;
            List<Integer> beforeAll = List.copyOf(all);
            int from = random.nextInt(all.size() + 1);
            // Now and then it shrinks by much.
            int to = Math.min(all.size(), from + random.nextInt(round % 100 == 99 ? 9_000 : 3));
            List<Integer> fresh = numbers(random.nextInt(round % 100 == 50 ? 9_000 : 3));

            PersistentList.Builder<Integer> builder = PersistentList.builder();
            builder.addAll(list, 0, from);
            builder.addAll(fresh, 0, fresh.size());
            builder.addAll(list, to, list.size());
            list = builder.build();
            all.subList(from, to).clear();
            all.addAll(from, fresh);

            assertThat(List.copyOf(list)).isEqualTo(all);
            assertThat(List.copyOf(before)).isEqualTo(beforeAll);
            int head = PersistentList.sharedHead(before, list);
            int tail = PersistentList.sharedTail(before, list, Math.min(all.size(), before.size()) - head);
            assertThat(list.subList(0, head)).isEqualTo(before.subList(0, head));
            assertThat(list.subList(list.size() - tail, list.size()))
                    .isEqualTo(before.subList(before.size() - tail, before.size()));
        }
    }

    /// Pieces do not get smaller and smaller, wherever elements come and go one by one.
    @ParameterizedTest
    @ValueSource(strings = {"append", "prepend", "remove", "anywhere"})
    void piecesStayLarge(String where) {
        Random random = new Random(3);
        List<Integer> list = PersistentList.copyOf(numbers(20_000));
        for (int round = 0; round < 10_000; round++) {
            int place = random.nextInt(list.size());
            list = switch (where) {
                case "append" -> PersistentList.replaced(list, list.size(), list.size(), List.of(round));
                case "prepend" -> PersistentList.replaced(list, 0, 0, List.of(round));
                case "remove" -> PersistentList.replaced(list, place, place + 1, List.of());
                default -> PersistentList.replaced(list, place, place + random.nextInt(2), List.of(round));
            };
        }

        assertThat(((PersistentList<Integer>) list).pieces())
                .isLessThanOrEqualTo(2 * list.size() / PersistentList.PIECE + 2);
    }

    /// What a change costs does not grow with the list, however many were made before.
    @Test
    void aChangeCopiesTheElementsAroundIt() {
        Random random = new Random(5);
        List<Object> list = PersistentList.copyOf(
                IntStream.range(0, 40_000).mapToObj(_ -> new Object()).toList());
        for (int round = 0; round < 2_000; round++) {
            List<Object> before = list;
            int place = random.nextInt(list.size());
            PersistentList.Builder<Object> builder = PersistentList.builder();
            builder.addAll(list, 0, place);
            builder.add(new Object());
            builder.addAll(list, place + round % 2, list.size());
            list = builder.build();

            int head = PersistentList.sharedHead(before, list);
            int tail = PersistentList.sharedTail(before, list, before.size() - head);
            assertThat(before.size() - head - tail).isLessThanOrEqualTo(3 * PersistentList.PIECE);
        }
        assertThat(Set.copyOf(list)).hasSameSizeAs(list);
        Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
        known.addAll(list);
        assertThat(known).hasSameSizeAs(list);
    }
}
