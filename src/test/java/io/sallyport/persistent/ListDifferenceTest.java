package io.sallyport.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
            })
    void whatIsInOneAlone(String before, String now, String removed, String added) {
        ListDifference<String> difference = ListDifference.between(letters(before), letters(now));

        assertThat(String.join("", difference.removed())).isEqualTo(removed);
        assertThat(String.join("", difference.added())).isEqualTo(added);
    }
}
