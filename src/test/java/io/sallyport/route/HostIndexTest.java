package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostIndexTest {
    private static HostIndex<String> index(String... domains) {
        HostIndex.Builder<String> builder = HostIndex.builder();
        for (String domain : domains) {
            builder.add(domain, domain);
        }
        return builder.build();
    }

    private static HostIndex<String> index(Map<String, String> values) {
        HostIndex.Builder<String> builder = HostIndex.builder();
        values.forEach(builder::add);
        return builder.build();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "foo.com, foo.com",
                "a.foo.com, *.foo.com",
                "a.b.foo.com, *.b.foo.com",
                "b.foo.com, b.foo.com",
                "x.b.foo.com, *.b.foo.com",
                "foo.com.evil, none",
                "evilfoo.com, none",
                "com, none",
                "[::1], [::1]"
            })
    void theExactNameThenTheLongestWildcardHolds(String host, String domain) {
        HostIndex<String> index = index("*.foo.com", "foo.com", "*.b.foo.com", "b.foo.com", "[::1]");

        assertThat(index.lookup(host)).isEqualTo(domain);
    }

    @Test
    void theStarTakesWhatNothingElseTakes() {
        HostIndex<String> index = index("*", "*.foo.com");

        assertThat(index.lookup("bar.com")).isEqualTo("*");
        assertThat(index.lookup("foo.com")).isEqualTo("*");
        assertThat(index.lookup("a.foo.com")).isEqualTo("*.foo.com");
    }

    @Test
    void aWildcardStandsForAtLeastOneCharacter() {
        assertThat(index("*.foo.com").lookup(".foo.com")).isNull();
    }

    /// Hashes of strings are easily forged, so an equal hash and a common beginning must not be enough.
    @Test
    void aHostThatIsMadeToHashLikeADomainIsNotThatDomain() {
        String forged = forge("foo.com");

        assertThat(forged).startsWith("foo.com").hasSizeGreaterThan(7).hasSameHashCodeAs("foo.com");
        assertThat(index("foo.com").lookup(forged)).isNull();
        assertThat(index("foo.com", "*.com").lookup(forged)).isNull();
    }

    /// Lengthens a string by seven characters, which are what is missing to its hash in digits of base 31.
    private static String forge(String name) {
        int missing = name.hashCode() - (name + "aaaaaaa").hashCode();
        long rest = Integer.toUnsignedLong(missing);
        StringBuilder suffix = new StringBuilder();
        for (int i = 0; i < 7; i++) {
            suffix.insert(0, (char) ('a' + rest % 31));
            rest /= 31;
        }
        return name + suffix;
    }

    @Test
    void anEmptyIndexHoldsNothing() {
        assertThat(index().lookup("foo.com")).isNull();
        assertThat(index().candidates("foo.com")).isEmpty();
    }

    @Test
    void domainsAreKeptInLowerCase() {
        assertThat(index("Foo.COM", "*.Bar.com").lookup("foo.com")).isEqualTo("Foo.COM");
        assertThat(index("Foo.COM", "*.Bar.com").lookup("a.bar.com")).isEqualTo("*.Bar.com");
    }

    @Test
    void theFirstToClaimADomainKeepsIt() {
        HostIndex.Builder<String> builder = HostIndex.builder();
        for (String domain : List.of("foo.com", "*.foo.com", "*")) {
            assertThat(builder.add(domain, "first")).isNull();
            assertThat(builder.add(domain, "second")).isEqualTo("first");
        }

        HostIndex<String> index = builder.build();

        assertThat(index.lookup("foo.com")).isEqualTo("first");
        assertThat(index.lookup("a.foo.com")).isEqualTo("first");
        assertThat(index.lookup("bar")).isEqualTo("first");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*.", "**", "*foo.com", "a.*.com", "*.*.com", "foo.*"})
    void whatIsNoDomainIsRefused(String domain) {
        assertThatThrownBy(() -> index(domain)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void candidatesAreAllDomainsThatHoldMostSpecificFirst() {
        HostIndex<String> index = index("*", "*.com", "*.foo.com", "a.foo.com", "*.a.foo.com", "foo.com");

        assertThat(index.candidates("a.foo.com")).containsExactly("a.foo.com", "*.foo.com", "*.com", "*");
    }

    @Test
    void agreesWithAScanOfAllDomains() {
        Random random = new Random(99);
        for (int i = 0; i < 5_000; i++) {
            Set<String> domains = new HashSet<>();
            for (int j = random.nextInt(12); j > 0; j--) {
                domains.add(random.nextInt(3) == 0 ? "*." + name(random) : name(random));
            }
            if (random.nextInt(3) == 0) {
                domains.add("*");
            }
            HostIndex<String> index = index(domains.toArray(String[]::new));
            for (int j = 0; j < 20; j++) {
                String host = name(random);
                assertThat(index.lookup(host)).as("%s in %s", host, domains).isEqualTo(scan(domains, host));
                List<String> candidates = index.candidates(host);
                assertThat(candidates.isEmpty() ? null : candidates.getFirst()).isEqualTo(index.lookup(host));
            }
        }
    }

    /// One index after another, each made of the one before.
    @Test
    void aChangedIndexIsLikeOneThatIsMadeAnew() {
        Random random = new Random(3);
        Map<String, String> all = new HashMap<>();
        HostIndex<String> index = HostIndex.<String>builder().build();
        for (int step = 0; step < 2_000; step++) {
            Map<String, String> changes = new HashMap<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                String domain = random.nextInt(20) == 0 ? "*" : (random.nextBoolean() ? "" : "*.") + name(random);
                changes.put(domain, random.nextInt(5) < (step / 200) % 5 ? null : domain + step);
            }
            changes.forEach((domain, value) -> {
                if (value == null) {
                    all.remove(domain);
                } else {
                    all.put(domain, value);
                }
            });
            HostIndex<String> before = index;
            List<String> values = before.values();
            index = index.changed(changes);
            HostIndex<String> other = index(all);
            assertThat(index.values()).containsExactlyInAnyOrderElementsOf(all.values());
            assertThat(before.values()).isEqualTo(values);
            for (int i = 0; i < 20; i++) {
                String host = name(random);
                assertThat(index.lookup(host)).as(host).isEqualTo(other.lookup(host));
            }
        }
    }

    /// Large enough for several parts.
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void aChangeOfALargeIndex(long seed) {
        Random random = new Random(seed);
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            all.put("h" + i + ".example", "first");
        }
        HostIndex<String> index = index(all);
        for (int round = 0; round < 2_000; round++) {
            String name = "h" + random.nextInt(4_000) + ".example";
            // It grows and shrinks, each a thousand times.
            String value = random.nextInt(4) == 0 == (round < 1_000) ? null : "of " + round;
            Map<String, String> change = new HashMap<>();
            change.put(name, value);
            HostIndex<String> before = index;
            String valueBefore = all.get(name);
            index = index.changed(change);
            assertThat(before.lookup(name)).isEqualTo(valueBefore);
            assertThat(index.lookup(name)).isEqualTo(value);
            if (value == null) {
                all.remove(name);
            } else {
                all.put(name, value);
            }
        }
        HostIndex<String> last = index;
        assertThat(last.values()).containsExactlyInAnyOrderElementsOf(all.values());
        IntStream.range(0, 4_000)
                .mapToObj(i -> "h" + i + ".example")
                .forEach(name -> assertThat(last.lookup(name)).as(name).isEqualTo(all.get(name)));
    }

    /// `an` and `c0` add the same to a hash. Such names would all be in one part, whether they come at once or one by
    /// one.
    @Test
    void hostsWhoseHashesAreEqual() {
        List<String> names = IntStream.range(0, 1_024)
                .mapToObj(i -> IntStream.range(0, 10)
                        .mapToObj(bit -> (i >> bit & 1) == 0 ? "an" : "c0")
                        .collect(Collectors.joining()))
                .toList();
        assertThat(names.stream().map(String::hashCode).distinct()).hasSize(1);
        Map<String, String> all = new HashMap<>();
        IntStream.range(0, 1_000).forEach(i -> all.put("h" + i, "of h" + i));
        HostIndex.Builder<String> atOnce = HostIndex.builder();
        names.forEach(name -> atOnce.add(name, name));
        HostIndex<String> index = atOnce.build();
        HostIndex<String> changed = index(all);
        for (String name : names) {
            changed = changed.changed(Map.of(name, name));
        }
        for (String name : names) {
            assertThat(index.lookup(name)).isEqualTo(name);
            assertThat(changed.lookup(name)).isEqualTo(name);
        }
        assertThat(index.lookup("an")).isNull();
        assertThat(changed.lookup("h999")).isEqualTo("of h999");
        assertThat(changed.lookup("h1000")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "foo.com, true",
        "*.foo.com, true",
        "*, true",
        "Foo.com, false",
        "::1, false",
        "0:0::1, false",
        "[::1], true"
    })
    void aCanonicalDomainIsWrittenAsTheIndexHasIt(String domain, boolean canonical) {
        assertThat(HostIndex.isCanonical(domain)).isEqualTo(canonical);
    }

    private static String scan(Set<String> domains, String host) {
        List<String> holding = new ArrayList<>();
        for (String domain : domains) {
            if (domain.equals(host)) {
                return domain;
            }
            if (domain.startsWith("*") && host.endsWith(domain.substring(1)) && host.length() >= domain.length()) {
                holding.add(domain);
            }
        }
        return holding.stream()
                .max((a, b) -> Integer.compare(a.length(), b.length()))
                .orElse(null);
    }

    private static String name(Random random) {
        StringBuilder name = new StringBuilder();
        for (int labels = 1 + random.nextInt(4); labels > 0; labels--) {
            name.append(name.isEmpty() ? "" : ".").append("ab".charAt(random.nextInt(2)));
            name.append(random.nextInt(4) == 0 ? "b" : "");
        }
        return name.toString();
    }
}
