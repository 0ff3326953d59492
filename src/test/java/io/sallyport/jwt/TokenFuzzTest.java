package io.sallyport.jwt;

import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sallyport.jwt.TokenRules.Passed;
import io.sallyport.jwt.TokenRules.Refused;
import io.sallyport.testing.TestTokens;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Of tokens that are damaged none is accepted but the one that was signed, whatever bytes come.
class TokenFuzzTest {
    private static final int ROUNDS = Integer.getInteger("sallyport.fuzz.rounds", 20_000);
    private static final long NOW = 1_800_000_000;
    private static final String ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \"{}[]%é";
    private static final String[] PIECES = {
        "\"alg\":\"none\"",
        "\"alg\":\"HS256\"",
        "\"alg\":\"ES256\"",
        "\"kid\":\"k\"",
        "\"kid\":7",
        "\"crit\":[]",
        "\"iss\":\"https://issuer.test\"",
        "\"sub\":\"root\"",
        "\"exp\":1e99",
        "\"exp\":-1",
        "\"aud\":{}",
        "{",
        "}",
        ",",
        "[",
        "]",
        "\\u0000",
        "\"",
        "null",
        "\"b64\":false"
    };

    private final TokenRules rules = rules();

    private static TokenRules rules() {
        try {
            KeySource keys = KeySource.Inline.of(jwks(jwk("ES256", "k"), jwk("EdDSA", "k")));
            return new TokenRules(List.of(new TokenRule.Builder("https://issuer.test", keys).build()));
        } catch (KeySetException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void damagedTokens() {
        Random random = new Random(7519);
        String[] signed = {TestTokens.token("ES256", "k", ""), TestTokens.token("EdDSA", "k", "\"aud\": [\"a\"], ")};
        Map<TokenFault, Integer> met = new EnumMap<>(TokenFault.class);
        for (int round = 0; round < ROUNDS; round++) {
            String whole = signed[random.nextInt(signed.length)];
            String damaged = random.nextInt(3) == 0 ? assembled(random, whole) : damaged(random, whole);
            TokenFault fault = check(damaged, List.of(signed));
            if (fault != null) {
                met.merge(fault, 1, Integer::sum);
            }
        }
        assertThat(met)
                .containsKeys(
                        TokenFault.BAD_FORMAT,
                        TokenFault.HEADER_BASE64,
                        TokenFault.HEADER_JSON,
                        TokenFault.PAYLOAD_BASE64,
                        TokenFault.PAYLOAD_JSON,
                        TokenFault.SIGNATURE_BASE64,
                        TokenFault.VERIFICATION);
    }

    private static String damaged(Random random, String token) {
        StringBuilder text = new StringBuilder(token);
        for (int i = 1 + random.nextInt(3); i > 0 && !text.isEmpty(); i--) {
            int at = random.nextInt(text.length());
            char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
            switch (random.nextInt(4)) {
                case 0 -> text.setCharAt(at, c);
                case 1 -> text.insert(at, c);
                case 2 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
                default -> text.setLength(at);
            }
        }
        return text.toString();
    }

    /// JSON of any pieces, behind the signature of another text.
    private static String assembled(Random random, String token) {
        String[] parts = token.split("\\.");
        int part = random.nextInt(2);
        StringBuilder json = new StringBuilder(random.nextBoolean() ? "{" : "");
        for (int i = random.nextInt(8); i > 0; i--) {
            json.append(PIECES[random.nextInt(PIECES.length)]).append(random.nextBoolean() ? "," : "");
        }
        parts[part] =
                TestTokens.base64(json.append(random.nextBoolean() ? "}" : "").toString());
        return String.join(".", parts);
    }

    @FuzzTest(maxDuration = "5m")
    void anyBytes(byte[] bytes) {
        check(new String(bytes, StandardCharsets.ISO_8859_1), List.of());
    }

    /// @return null where it is accepted
    private TokenFault check(String token, List<String> signed) {
        return switch (rules.judge(TokenRequest.of().query("access_token=" + token.replace("%", "%25")), NOW, true)) {
            case Refused(TokenFault fault) -> fault;
            case Passed passed -> {
                // A `&` ends the parameter, so that what is signed may stand before it.
                assertThat(signed).as(token).contains(token);
                assertThat(passed.accepted()).isNotEmpty();
                yield null;
            }
            case TokenRules.Waiting _ -> throw new AssertionError("nothing is waited for");
        };
    }
}
