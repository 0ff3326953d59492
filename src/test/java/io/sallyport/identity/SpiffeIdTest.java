package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {
    @ParameterizedTest
    @CsvSource({
        "spiffe://cluster.local/ns/default/sa/web, cluster.local, /ns/default/sa/web, default, web",
        "spiffe://cluster.local, cluster.local, '', ,",
        "spiffe://td_1-x/Workload/A.b-c_9, td_1-x, /Workload/A.b-c_9, ,",
        "spiffe://td/ns/default/sa/web/more, td, /ns/default/sa/web/more, ,",
        "spiffe://td/.../..x, td, /.../..x, ,",
    })
    void parses(String uri, String trustDomain, String path, String namespace, String serviceAccount) {
        SpiffeId id = SpiffeId.parse(uri);
        assertThat(id).isEqualTo(new SpiffeId(trustDomain, path)).hasToString(uri);
        assertThat(id.principal()).isEqualTo(trustDomain + path);
        assertThat(id.namespace()).isEqualTo(namespace);
        assertThat(id.serviceAccount()).isEqualTo(serviceAccount);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "spiffe:",
                "spiffe://",
                "spiffe:///path",
                "SPIFFE://td/a",
                "https://td/a",
                "spiffe://TD/a",
                "spiffe://td:80/a",
                "spiffe://user@td/a",
                "spiffe://td/",
                "spiffe://td/a/",
                "spiffe://td//a",
                "spiffe://td/./a",
                "spiffe://td/a/..",
                "spiffe://td/a%2fb",
                "spiffe://td/a b",
                "spiffe://td/a?b",
                "spiffe://td/a#b",
                "spiffe://td?b",
                "spiffe://tdé/a",
                "spiffe://td/\0",
            })
    void refuses(String uri) {
        assertThat(SpiffeId.parse(uri)).isNull();
    }

    /// One without an account is no account of the name `null`.
    @Test
    void runsAsOneServiceAccount() {
        SpiffeId pay = new SpiffeId("td", "/ns/prod/sa/pay");

        assertThat(pay.runsAs("prod/pay")).isTrue();
        assertThat(pay.runsAs("prod/other")).isFalse();
        assertThat(new SpiffeId("td", "/workload").runsAs("null/null")).isFalse();
    }

    @Test
    void boundsItsLength() {
        assertThat(SpiffeId.parse("spiffe://" + "a".repeat(255))).isNotNull();
        assertThat(SpiffeId.parse("spiffe://" + "a".repeat(256))).isNull();
        assertThat(SpiffeId.parse("spiffe://td/" + "a".repeat(2036))).isNotNull();
        assertThat(SpiffeId.parse("spiffe://td/" + "a".repeat(2037))).isNull();
    }
}
