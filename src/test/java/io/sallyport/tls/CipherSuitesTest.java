package io.sallyport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.identity.CredentialException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CipherSuitesTest {
    @ParameterizedTest
    @CsvSource({
        "ECDHE-RSA-AES128-GCM-SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "ECDHE-RSA-AES256-SHA, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "[ECDHE-RSA-AES128-GCM-SHA256], TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    })
    void takesBothSpellingsAndKeepsTls13(String name, String iana) throws Exception {
        assertThat(CipherSuites.of(List.of(name)))
                .containsExactly(
                        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", iana);
    }

    @Test
    void keepsTheOrderGiven() throws Exception {
        assertThat(CipherSuites.of(
                        List.of("[ECDHE-RSA-AES256-GCM-SHA384|ECDHE-RSA-CHACHA20-POLY1305]", "ECDHE-RSA-AES128-SHA")))
                .endsWith(
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    }

    @Test
    void offersOnlyForwardSecretAuthenticatedSuitesByDefault() throws Exception {
        assertThat(CipherSuites.of(List.of()))
                .filteredOn(suite -> suite.contains("_WITH_"))
                .isNotEmpty()
                .allMatch(suite -> suite.startsWith("TLS_ECDHE_") && !suite.contains("_CBC_"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ECDHE-RSA-AES128-GCM",
                "",
                "-ALL",
                "AES128-SHA",
                "AES256-GCM-SHA384",
                "DES-CBC3-SHA",
                "TLS_RSA_WITH_AES_128_GCM_SHA256",
                "ECDHE-ECDSA-AES128-SHA256"
            })
    void aNameThatCannotBeUsedIsSkipped(String name) throws Exception {
        assertThat(CipherSuites.of(List.of(name, "ECDHE-RSA-AES128-GCM-SHA256")))
                .isEqualTo(CipherSuites.of(List.of("ECDHE-RSA-AES128-GCM-SHA256")));
        assertThatThrownBy(() -> CipherSuites.of(List.of(name)))
                .isInstanceOf(CredentialException.class)
                .hasMessageStartingWith("cipherSuites: names no suite that can be offered");
    }
}
