package io.sallyport.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersistentMapTest {
    /// Keys that meet: all of them, those of some bits, or hardly any.
    private record Key(int number, int mask) {
        @Override
        public int hashCode() {
            return number * 0x9E3779B9 & mask;
        }
    }

    private static <K> Map<K, Integer> differenceOf(PersistentMap<K, Integer> now, PersistentMap<K, Integer> before) {
        Map<K, Integer> applied = new HashMap<>(before);
        now.difference(before, (key, was, is) -> {
            assertThat(before.get(key)).isEqualTo(was);
            assertThat(was).isNotEqualTo(is);
            if (is == null) {
                applied.remove(key);
            } else {
                applied.put(key, is);
            }
        });
        return applied;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 0xC0000000, 0x80000421, 0x3FF, -1})
    void anySequenceOfChangesComesToWhatAHashMapHas(int mask) {
        Random random = new Random(mask);
        Map<Key, Integer> expected = new HashMap<>();
        PersistentMap<Key, Integer> map = PersistentMap.empty();
        PersistentMap<Key, Integer> earlier = map;
        Map<Key, Integer> ofEarlier = Map.of();
        for (int step = 0; step < 3_000; step++) {
            Key key = new Key(random.nextInt(120), mask);
            if (random.nextInt(5) < (step / 300) % 5) {
                map = map.without(key);
                expected.remove(key);
            } else {
                map = map.with(key, step);
                expected.put(key, step);
            }
            assertThat(map.get(key)).isEqualTo(expected.get(key));
            assertThat(map).hasSize(expected.size());
            if (step % 37 == 0) {
                assertThat(map).isEqualTo(expected);
                assertThat(earlier).isEqualTo(ofEarlier);
                assertThat(differenceOf(map, earlier)).isEqualTo(expected);
                assertThat(differenceOf(earlier, map)).isEqualTo(ofEarlier);
                Map<Key, Integer> visited = new HashMap<>();
                map.forEach(
                        (each, value) -> assertThat(visited.put(each, value)).isNull());
                assertThat(visited).isEqualTo(expected);
                earlier = map;
                ofEarlier = Map.copyOf(expected);
            }
        }
    }

    /// Two maps of different origin have the same form, and only what is different is visited.
    @Test
    void onlyWhatIsDifferentIsVisited() {
        PersistentMap<String, String> before = PersistentMap.empty();
        for (int i = 0; i < 10_000; i++) {
            before = before.with("key " + i, "value");
        }
        PersistentMap<String, String> now =
                before.with("key 7", "other").without("key 8").with("new", "value");
        List<String> visited = new ArrayList<>();

        now.difference(before, (key, was, is) -> visited.add(key + " " + was + " " + is));

        assertThat(visited).containsExactlyInAnyOrder("key 7 value other", "key 8 value null", "new null value");
    }

    @Test
    void theSameValueMakesNoOtherMap() {
        PersistentMap<String, String> map =
                PersistentMap.<String, String>empty().with("a", "1");

        assertThat(map.with("a", "1")).isSameAs(map);
        assertThat(map.without("b")).isSameAs(map);
    }

    @Test
    void byIdentityEqualKeysAreDifferent() {
        Key one = new Key(1, -1);
        Key other = new Key(1, -1);
        PersistentMap<Key, String> map =
                PersistentMap.<Key, String>emptyByIdentity().with(one, "one");

        assertThat(map.get(other)).isNull();
        assertThat(map.with(other, "other").get(one)).isEqualTo("one");
    }

    @Test
    void aMappedViewLeavesOutWhatHasNoValue() {
        PersistentMap<String, Integer> map =
                PersistentMap.<String, Integer>empty().with("a", 1).with("b", 2);

        Map<String, String> view = map.mapped(value -> value == 1 ? Objects.toString(value) : null);

        assertThat(view).containsExactly(Map.entry("a", "1"));
        assertThat(view.get("b")).isNull();
    }
}
