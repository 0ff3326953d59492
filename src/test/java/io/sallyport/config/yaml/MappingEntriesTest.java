package io.sallyport.config.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.Position;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MappingEntriesTest {
    private static YamlNode.Entry entry(String name) {
        YamlNode.Scalar scalar = new YamlNode.Scalar(name, YamlNode.ScalarType.TEXT, Position.of("a.yaml"));
        return new YamlNode.Entry(scalar, scalar);
    }

    /// Around the sizes where the array of names grows, and where a hash table takes its place.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 8, 9, 16, 17, 18, 1000})
    void findsWhatWasAddedInTheFilesOrderWhateverTheSize(int size) {
        MappingEntries entries = new MappingEntries();
        for (int i = 0; i < size; i++) {
            assertThat(entries.putIfAbsent(entry("name" + i))).isNull();
        }
        entries.close();

        assertThat(entries.size()).isEqualTo(size);
        for (int i = 0; i < size; i++) {
            // Another string with the same characters.
            assertThat(entries.indexOf(new String("name" + i))).isEqualTo(i);
            assertThat(entries.list().get(i).name()).isEqualTo("name" + i);
        }
        assertThat(entries.indexOf("name" + size)).isEqualTo(-1);
        assertThat(entries.get("other")).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16, 17, 100})
    void theFirstOfTwoEntriesOfOneNameStays(int size) {
        MappingEntries entries = new MappingEntries();
        for (int i = 0; i < size; i++) {
            entries.putIfAbsent(entry("name" + i));
        }
        YamlNode.Entry first = entries.get("name0");

        assertThat(entries.putIfAbsent(entry("name0"))).isSameAs(first);
        assertThat(entries.size()).isEqualTo(size);
        assertThat(entries.get("name0")).isSameAs(first);
    }
}
