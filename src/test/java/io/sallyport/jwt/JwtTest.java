package io.sallyport.jwt;

import static io.sallyport.testing.TestTokens.base64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The shapes of tokens that are refused before anything is verified (RFC 7515, RFC 7519).
class JwtTest {
    private static final String HEADER = base64("{\"alg\":\"RS256\"}");
    private static final String PAYLOAD = base64("{\"iss\":\"i\"}");
    private static final String SIGNATURE = base64("signature");

    private static TokenFault faultOf(String compact) {
        TokenException refused = catchThrowableOfType(TokenException.class, () -> Jwt.parse(compact));
        assertThat(refused).as(compact).isNotNull();
        return refused.fault();
    }

    private static TokenFault faultOfHeader(String json) {
        return faultOf(base64(json) + "." + PAYLOAD + "." + SIGNATURE);
    }

    private static TokenFault faultOfPayload(String json) {
        return faultOf(HEADER + "." + base64(json) + "." + SIGNATURE);
    }

    @Test
    void aTokenHasThreeParts() {
        for (String compact : List.of(
                "",
                ".",
                "a",
                HEADER,
                HEADER + "." + PAYLOAD,
                HEADER + "." + PAYLOAD + "." + SIGNATURE + ".",
                HEADER + "." + PAYLOAD + "." + SIGNATURE + "." + SIGNATURE + "." + SIGNATURE,
                HEADER + "." + base64("{\"a\":\"" + "x".repeat(Jwt.LONGEST) + "\"}") + "." + SIGNATURE)) {
            assertThat(faultOf(compact)).isEqualTo(TokenFault.BAD_FORMAT);
        }
    }

    @ParameterizedTest
    @CsvSource({"=", "==", "+", "/", "*", "' '", "%3D", "\u00e9", "\u4e2d"})
    void partsAreBase64UrlWithoutPadding(String junk) {
        assertThat(faultOf(HEADER + junk + "." + PAYLOAD + "." + SIGNATURE)).isEqualTo(TokenFault.HEADER_BASE64);
        assertThat(faultOf(HEADER + "." + PAYLOAD + junk + "." + SIGNATURE)).isEqualTo(TokenFault.PAYLOAD_BASE64);
        assertThat(faultOf(HEADER + "." + PAYLOAD + "." + SIGNATURE + junk)).isEqualTo(TokenFault.SIGNATURE_BASE64);
    }

    /// `QQ` and `QR` are the same byte: only the first is its text.
    @Test
    void bitsThatMeanNothingAreZero() throws Exception {
        assertThat(Jwt.parse(HEADER + "." + PAYLOAD + ".QQ")).isNotNull();
        for (String other : List.of("QR", "Qf", "QUF", "Q", "QUJDR")) {
            assertThat(faultOf(HEADER + "." + PAYLOAD + "." + other)).isEqualTo(TokenFault.SIGNATURE_BASE64);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{                            | HEADER_JSON",
                "''                           | HEADER_JSON",
                "[]                           | HEADER_JSON",
                "1                            | HEADER_JSON",
                "null                         | HEADER_JSON",
                "\"alg\"                      | HEADER_JSON",
                "{\"alg\":\"RS256\"} {}       | HEADER_JSON",
                "{\"alg\":\"RS256\",\"alg\":\"none\"} | HEADER_JSON",
                "{\"alg\":\"RS256\",\"x\":{\"a\":1,\"a\":2}} | HEADER_JSON",
                "{}                           | HEADER_ALG",
                "{\"alg\":1}                  | HEADER_ALG",
                "{\"alg\":null}               | HEADER_ALG",
                "{\"alg\":[\"RS256\"]}        | HEADER_ALG",
                "{\"ALG\":\"RS256\"}          | HEADER_ALG",
                "{\"alg\":\"none\"}           | ALGORITHM",
                "{\"alg\":\"None\"}           | ALGORITHM",
                "{\"alg\":\"NONE\"}           | ALGORITHM",
                "{\"alg\":\"\"}               | ALGORITHM",
                "{\"alg\":\"rs256\"}          | ALGORITHM",
                "{\"alg\":\"RS256 \"}         | ALGORITHM",
                "{\"alg\":\"RS1\"}            | ALGORITHM",
                "{\"alg\":\"ES256K\"}         | ALGORITHM",
                "{\"alg\":\"HS1\"}            | ALGORITHM",
                "{\"alg\":\"RSA-OAEP\"}       | ALGORITHM",
                "{\"alg\":\"dir\"}            | ALGORITHM",
                "{\"alg\":\"RS256\",\"kid\":1} | HEADER_KID",
                "{\"alg\":\"RS256\",\"kid\":{}} | HEADER_KID",
                "{\"alg\":\"RS256\",\"kid\":[\"a\"]} | HEADER_KID",
                "{\"alg\":\"RS256\",\"crit\":[\"exp\"]} | VERIFICATION",
                "{\"alg\":\"RS256\",\"crit\":[]} | VERIFICATION",
                "{\"alg\":\"RS256\",\"crit\":null} | VERIFICATION",
                "{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false} | VERIFICATION",
            })
    void headers(String json, TokenFault fault) {
        assertThat(faultOfHeader(json)).isEqualTo(fault);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{                      | PAYLOAD_JSON",
                "''                     | PAYLOAD_JSON",
                "[]                     | PAYLOAD_JSON",
                "\"iss\"                | PAYLOAD_JSON",
                "{\"iss\":\"a\",\"iss\":\"b\"} | PAYLOAD_JSON",
                "{\"a\":{\"b\":1,\"b\":1}} | PAYLOAD_JSON",
                "{\"iss\":1}            | ISS",
                "{\"iss\":null}         | ISS",
                "{\"iss\":[\"a\"]}      | ISS",
                "{\"sub\":true}         | SUB",
                "{\"jti\":7}            | JTI",
                "{\"aud\":7}            | AUD",
                "{\"aud\":[\"a\",7]}    | AUD",
                "{\"aud\":{\"a\":1}}    | AUD",
                "{\"exp\":\"1\"}        | EXP",
                "{\"exp\":null}         | EXP",
                "{\"exp\":1.5}          | EXP",
                "{\"exp\":1e400}        | EXP",
                "{\"exp\":-1}           | EXP_RANGE",
                "{\"exp\":-1.0}         | EXP_RANGE",
                "{\"exp\":1e19}         | EXP_RANGE",
                "{\"exp\":[1]}          | EXP",
                "{\"nbf\":\"now\"}      | NBF",
                "{\"nbf\":0.1}          | NBF",
                "{\"nbf\":-5}           | NBF_RANGE",
                "{\"iat\":true}         | IAT",
                "{\"iat\":2.5}          | IAT",
                "{\"iat\":-2}           | IAT_RANGE",
            })
    void payloads(String json, TokenFault fault) {
        assertThat(faultOfPayload(json)).isEqualTo(fault);
    }

    @Test
    void whatIsNotUtf8IsNoJson() {
        byte[] broken = "{\"iss\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(faultOf(HEADER + "." + base64(broken) + "." + SIGNATURE)).isEqualTo(TokenFault.PAYLOAD_JSON);
    }

    @Test
    void aNumberBeyondAllIntegersIsRefused() {
        assertThat(faultOfPayload("{\"exp\":99999999999999999999}")).isEqualTo(TokenFault.EXP_RANGE);
    }

    @Test
    void bracketsWithoutEndAreRefusedBeforeTheyAreRead() {
        for (String open : List.of("[", "{\"a\":", "{\"a\":[")) {
            String deep = "{\"a\":" + open.repeat(2_000);
            assertThat(faultOfPayload(deep)).isEqualTo(TokenFault.PAYLOAD_JSON);
        }
        String closed = "{\"a\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
        assertThat(faultOfPayload(closed)).isEqualTo(TokenFault.PAYLOAD_JSON);
    }

    /// Reading them takes the square of their length: a token of nothing else would hold an event loop for
    /// milliseconds.
    @Test
    void numbersOfAnyLengthAreNotRead() throws Exception {
        for (String number :
                List.of("9".repeat(101), "-" + "9".repeat(20_000), "1." + "0".repeat(101), "1e" + "1".repeat(101))) {
            assertThat(faultOfPayload("{\"a\":" + number + "}")).isEqualTo(TokenFault.PAYLOAD_JSON);
        }
        String fits = "{\"a\":[" + "9".repeat(100) + "," + "9".repeat(100) + "],\"b\":\"" + "9".repeat(1000) + "\"}";
        assertThat(Jwt.parse(HEADER + "." + base64(fits) + "." + SIGNATURE)).isNotNull();
    }

    @Test
    void bracketsInTextsAreText() throws Exception {
        String text = "[{".repeat(100) + "\\\"[";
        Jwt jwt = Jwt.parse(HEADER + "." + base64("{\"a\":\"" + text + "\"}") + "." + SIGNATURE);

        assertThat(jwt.claims().text("a")).startsWith("[{[{").endsWith("\"[");
    }

    @Test
    void timesAreWholeSeconds() throws Exception {
        Jwt jwt = Jwt.parse(HEADER + "." + base64("{\"exp\":2000000000,\"nbf\":1.0e3,\"iat\":12.0}") + "." + SIGNATURE);

        assertThat(jwt.expires()).isEqualTo(2_000_000_000);
        assertThat(jwt.notBefore()).isEqualTo(1_000);
        Jwt endless = Jwt.parse(HEADER + "." + PAYLOAD + "." + SIGNATURE);
        assertThat(endless.expires()).isEqualTo(Long.MAX_VALUE);
        assertThat(endless.notBefore()).isZero();
    }

    @Test
    void audiencesAreOneOrSeveral() throws Exception {
        assertThat(Jwt.parse(HEADER + "." + base64("{\"aud\":\"a\"}") + "." + SIGNATURE)
                        .audiences())
                .containsExactly("a");
        assertThat(Jwt.parse(HEADER + "." + base64("{\"aud\":[\"a\",\"b\"]}") + "." + SIGNATURE)
                        .audiences())
                .containsExactly("a", "b");
        assertThat(Jwt.parse(HEADER + "." + PAYLOAD + "." + SIGNATURE).audiences())
                .isEmpty();
    }
}
