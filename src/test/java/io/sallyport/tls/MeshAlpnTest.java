package io.sallyport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeshAlpnTest {
    @ParameterizedTest
    @CsvSource({"istio-h2, h2", "istio-http/1.1, http/1.1", "h2, h2", "istio,", ","})
    void namesOfTheMeshHavePlainOnes(String agreed, String plain) {
        assertThat(MeshAlpn.plain(agreed)).isEqualTo(plain);
    }

    @Test
    void theMeshIsOfferedItsOwnNamesFirst() {
        assertThat(MeshAlpn.offer(List.of("h2"))).containsExactly("istio-h2", "istio", "h2");
        assertThat(MeshAlpn.offer(List.of())).containsExactly("istio");
    }
}
