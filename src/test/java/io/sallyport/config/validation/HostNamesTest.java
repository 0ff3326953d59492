package io.sallyport.config.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b", "A-1.example.com", "a.example.com.", "1a.2b", "xn--bcher-kva.example"})
    void names(String name) {
        assertThat(HostNames.nameProblem(name)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a..b",
                ".a",
                "-a.b",
                "a-.b",
                "a_b",
                "a b",
                "a.1",
                "bücher.example",
                "a/b",
                "a:80",
                "*.a"
            })
    void noNames(String name) {
        assertThat(HostNames.nameProblem(name)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "a.example.com, a.example.com",
                "A.Example.Com, a.example.com",
                "b.example.com, *.example.com",
                "c.b.example.com, *.example.com",
                "*.b.example.com, *.example.com",
                "*.example.com, *.example.com",
                "example.com, -",
                "badexample.com, -",
                "*, -",
            })
    void aHostIsWithinItsOwnNameOrAWildcard(String host, String covering) {
        HostSet hosts = new HostSet(List.of("a.example.com", "*.example.com"));

        assertThat(hosts.covering(host)).isEqualTo(covering);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"a.example.com, *.example.com", "*.example.com, *", "example.org, *", "*, -"})
    void aHostIsNotWithinItself(String host, String covering) {
        HostSet hosts = new HostSet(List.of("a.example.com", "*.example.com", "example.org", "*"));

        assertThat(hosts.coveringOther(host)).isEqualTo(covering);
    }
}
