package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShadowHostTest {
    @ParameterizedTest
    @CsvSource({
        "shop.example, shop.example-shadow",
        "shop.example:8080, shop.example-shadow:8080",
        "10.0.0.1:80, 10.0.0.1-shadow:80",
        "[2001:db8::1]:80, [2001:db8::1]:80",
        "'', ''",
    })
    void aCopysHostTellsItFromTheRequest(String authority, String copy) {
        assertThat(Mirroring.shadow(authority)).isEqualTo(copy);
    }
}
