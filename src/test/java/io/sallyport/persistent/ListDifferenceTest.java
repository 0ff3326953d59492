package io.sallyport.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListDifferenceTest {
    private static List<String> letters(String text) {
        return text.chars().mapToObj(c -> String.valueOf((char) c).intern()).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''   | abc  | ''   | abc",
                "abc  | ''   | abc  | ''",
                "abc  | abc  | ''   | ''",
                "abcd | abxd | c    | x",
                "abcd | bcd  | a    | ''",
                "abcd | abc  | d    | ''",
                "abcd | dcba | ''   | ''",
                "abcd | axcb | d    | x",
                "aab  | ab   | a    | ''",
                "abcdef | xbcdey | af | xy",
                "abcdefgh | bcdxefga | h | x",
            })
    void whatIsInOneAlone(String before, String now, String removed, String added) {
        ListDifference<String> difference = ListDifference.between(letters(before), letters(now));

        assertThat(String.join("", difference.removed())).isEqualTo(removed);
        assertThat(String.join("", difference.added())).isEqualTo(added);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void manyAreComparedAsByASet(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            List<Integer> before = numbers(random, 60);
            List<Integer> now = new ArrayList<>(before);
            for (int change = random.nextInt(20); change > 0; change--) {
                change(now, before, random);
            }
            List<Integer> removed = new ArrayList<>(before);
            removed.removeAll(now);
            List<Integer> added = new ArrayList<>(now);
            added.removeAll(before);

            ListDifference<Integer> difference = ListDifference.between(before, now);

            assertThat(difference.removed()).as("%s to %s", before, now).isEqualTo(removed);
            assertThat(difference.added()).as("%s to %s", before, now).isEqualTo(added);
        }
    }

    /// Numbers that each are one object.
    private static List<Integer> numbers(Random random, int most) {
        List<Integer> numbers = new ArrayList<>();
        IntStream.range(0, random.nextInt(most)).forEach(numbers::add);
        return numbers;
    }

    private static void change(List<Integer> now, List<Integer> before, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> now.add(random.nextInt(now.size() + 1), before.size() + now.size() + random.nextInt(1 << 20));
            case 1 -> Collections.rotate(now, random.nextInt(1 + now.size()));
            case 2 -> {
                if (now.size() > 1) {
                    Collections.swap(now, random.nextInt(now.size()), random.nextInt(now.size()));
                }
            }
            default -> {
                if (!now.isEmpty()) {
                    now.remove(random.nextInt(now.size()));
                }
            }
        }
    }
}
