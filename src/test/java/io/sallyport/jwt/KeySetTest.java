package io.sallyport.jwt;

import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;
import static io.sallyport.testing.TestTokens.key;
import static io.sallyport.testing.TestTokens.secret;
import static io.sallyport.testing.TestTokens.signed;
import static io.sallyport.testing.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.util.AsciiString;
import io.sallyport.testing.TestTokens;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which keys verify which tokens.
class KeySetTest {
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /// Null where the token is verified.
    private static @Nullable TokenFault verify(KeySet keys, String compact) throws TokenException {
        Jwt jwt = Jwt.parse(compact);
        TokenException refused = catchThrowableOfType(
                TokenException.class,
                () -> keys.verify(compact, TokenHash.of(new AsciiString(compact)), jwt, new SignatureBudget()));
        return refused == null ? null : refused.fault();
    }

    private static KeySet keys(String... keys) throws KeySetException {
        return KeySet.parse(jwks(keys), true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
    void everyAlgorithm(String algorithm) throws Exception {
        KeySet keys =
                keys(jwk("RS256", "k"), jwk("ES256", "k"), jwk("ES384", "k"), jwk("ES512", "k"), jwk("EdDSA", "k"));
        String compact = token(algorithm, "k", "");

        assertThat(verify(keys, compact)).isNull();
        String payload = compact.substring(compact.indexOf('.') + 1, compact.lastIndexOf('.'));
        String changed = TestTokens.base64("{\"iss\":\"https://issuer.test\",\"sub\":\"eve\"}");
        assertThat(verify(keys, compact.replace(payload, changed))).isEqualTo(TokenFault.VERIFICATION);
        char last = compact.charAt(compact.length() - 3);
        String flipped = compact.substring(0, compact.length() - 3)
                + (last == 'A' ? 'B' : 'A')
                + compact.substring(compact.length() - 2);
        assertThat(verify(keys, flipped)).isEqualTo(TokenFault.VERIFICATION);
        assertThat(verify(keys, compact.substring(0, compact.lastIndexOf('.') + 1)))
                .isEqualTo(TokenFault.VERIFICATION);
        assertThat(verify(keys(jwk(algorithm, "other")), compact)).isEqualTo(TokenFault.NO_KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "HS384", "HS512"})
    void secretsAreOfTheConfigurationAlone(String algorithm) throws Exception {
        byte[] secret = Arrays.copyOf(SECRET, Integer.parseInt(algorithm.substring(2)) / 8);
        String compact = signed(algorithm, secret, "{\"alg\":\"" + algorithm + "\"}", "{}");

        assertThat(verify(keys(secret(secret)), compact)).isNull();
        assertThat(verify(KeySet.parse(jwks(secret(secret), jwk("RS256", "k")), false), compact))
                .isEqualTo(TokenFault.NO_KEY);
        byte[] shorter = Arrays.copyOf(secret, secret.length - 1);
        assertThat(verify(
                        keys(secret(shorter), jwk("RS256", "k")),
                        signed(algorithm, shorter, "{\"alg\":\"" + algorithm + "\"}", "{}")))
                .as("a secret shorter than its hash")
                .isEqualTo(TokenFault.NO_KEY);
    }

    /// The best known of all forgeries: the public key, which everybody has, as the secret of an HMAC.
    @Test
    void aPublicKeyIsNoSecret() throws Exception {
        RSAPublicKey rsa = (RSAPublicKey) key("RS256", "k").getPublic();
        for (byte[] known : List.of(
                rsa.getEncoded(),
                rsa.getModulus().toByteArray(),
                jwk("RS256", "k").getBytes(StandardCharsets.US_ASCII))) {
            String forged = signed("HS256", known, "{\"alg\":\"HS256\",\"kid\":\"k\"}", "{}");
            assertThat(verify(keys(jwk("RS256", "k")), forged)).isEqualTo(TokenFault.NO_KEY);
        }
    }

    @Test
    void theKeyFitsTheAlgorithm() throws Exception {
        for (String other : List.of("ES256", "ES384", "ES512", "EdDSA")) {
            String forged =
                    signed("RS256", key("RS256", "k").getPrivate(), "{\"alg\":\"" + other + "\",\"kid\":\"k\"}", "{}");
            assertThat(verify(keys(jwk("RS256", "k")), forged)).isEqualTo(TokenFault.NO_KEY);
        }
        String wrongCurve = signed("ES384", key("ES384", "k").getPrivate(), "{\"alg\":\"ES256\",\"kid\":\"k\"}", "{}");
        assertThat(verify(keys(jwk("ES384", "k")), wrongCurve)).isEqualTo(TokenFault.NO_KEY);
        assertThat(verify(keys(jwk("ES384", "k"), jwk("ES256", "k")), wrongCurve))
                .isEqualTo(TokenFault.VERIFICATION);
    }

    /// As ECDSA's r and s of all zeros was taken by a JDK once (CVE-2022-21449).
    @Test
    void aSignatureOfZerosIsNone() throws Exception {
        String head = TestTokens.base64("{\"alg\":\"ES256\",\"kid\":\"k\"}") + "." + TestTokens.base64("{}") + ".";

        for (int length : List.of(0, 1, 63, 64, 65, 132)) {
            assertThat(verify(keys(jwk("ES256", "k")), head + TestTokens.base64(new byte[length])))
                    .isEqualTo(TokenFault.VERIFICATION);
        }
    }

    @Test
    void theKeyIdChooses() throws Exception {
        String compact = token("RS256", "one", "");
        String unnamed = signed("RS256", key("RS256", "one").getPrivate(), "{\"alg\":\"RS256\"}", "{}");
        String path =
                signed("RS256", key("RS256", "one").getPrivate(), "{\"alg\":\"RS256\",\"kid\":\"../../one\"}", "{}");
        String keyWithoutId = jwk(key("RS256", "one").getPublic(), "");

        assertThat(verify(keys(jwk("RS256", "two"), jwk("RS256", "one")), compact))
                .isNull();
        assertThat(verify(keys(jwk("RS256", "two")), compact)).isEqualTo(TokenFault.NO_KEY);
        assertThat(verify(keys(jwk("RS256", "two"), jwk("RS256", "one")), unnamed))
                .isNull();
        assertThat(verify(keys(jwk("RS256", "two")), unnamed)).isEqualTo(TokenFault.VERIFICATION);
        assertThat(verify(keys(keyWithoutId), compact)).isNull();
        assertThat(verify(keys(jwk("RS256", "one")), path)).isEqualTo(TokenFault.NO_KEY);
        assertThat(keys(jwk("RS256", "one")).mayHave("../../one")).isFalse();
        assertThat(keys(keyWithoutId).mayHave("any")).isTrue();
    }

    /// RFC 7517, 4.6 to 4.9.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"x5c\": [\"no certificate\"]",
                "\"x5c\": \"no list\"",
                "\"x5c\": []",
                "\"x5t\": 5",
                "\"x5t#S256\": {}",
                "\"x5u\": \"no address\"",
                "\"ext\": true"
            })
    void certificatesOfAKeyDoNotMatter(String member) throws Exception {
        for (String algorithm : List.of("RS256", "ES256", "EdDSA")) {
            String key = jwk(key(algorithm, "k").getPublic(), "\"kid\": \"k\", " + member + ", ");

            assertThat(verify(keys(key), token(algorithm, "k", ""))).isNull();
        }
    }

    @Test
    void duplicateKeyIdsAreAllTried() throws Exception {
        String other = jwk(key("RS256", "two").getPublic(), "\"kid\": \"one\", ");

        assertThat(verify(keys(other, jwk("RS256", "one")), token("RS256", "one", "")))
                .isNull();
    }

    /// A token chooses neither how many keys it is tried with, nor how long they are.
    @Test
    void triesAreBounded() throws Exception {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            many.add(jwk(key("ES256", "k" + i).getPublic(), ""));
        }
        many.add(jwk(key("ES256", "last").getPublic(), ""));
        String unnamed = signed("ES256", key("ES256", "last").getPrivate(), "{\"alg\":\"ES256\"}", "{}");

        assertThat(verify(keys(many.toArray(String[]::new)), unnamed)).isEqualTo(TokenFault.VERIFICATION);
        assertThat(verify(keys(many.subList(1, 17).toArray(String[]::new)), unnamed))
                .isNull();
    }

    @Test
    void aKeysOwnAlgorithmAndUseCount() throws Exception {
        var rsa = key("RS256", "k").getPublic();
        String compact = token("RS256", "k", "");

        assertThat(verify(keys(jwk(rsa, "\"alg\": \"RS256\", ")), compact)).isNull();
        assertThat(verify(keys(jwk(rsa, "\"alg\": \"RS512\", ")), compact)).isEqualTo(TokenFault.NO_KEY);
        assertThat(verify(keys(jwk(rsa, "\"use\": \"sig\", \"key_ops\": [\"verify\"], ")), compact))
                .isNull();
        for (String unfit : List.of("\"use\": \"enc\", ", "\"key_ops\": [\"sign\"], ", "\"key_ops\": \"verify\", ")) {
            assertThat(verify(keys(jwk(rsa, unfit), jwk("ES256", "k")), compact))
                    .isEqualTo(TokenFault.NO_KEY);
        }
    }

    @Test
    void unusableKeysAreLeftOut() throws Exception {
        String good = jwk("RS256", "k");
        for (String bad : List.of(
                "{}",
                "1",
                "null",
                "{\"kty\": \"RSA\"}",
                "{\"kty\": \"RSA\", \"n\": \"!\", \"e\": \"AQAB\"}",
                "{\"kty\": \"RSA\", \"n\": 5, \"e\": \"AQAB\"}",
                "{\"kty\": \"EC\", \"crv\": \"P-192\", \"x\": \"AA\", \"y\": \"AA\"}",
                "{\"kty\": \"OKP\", \"crv\": \"X25519\", \"x\": \"" + "A".repeat(43) + "\"}",
                "{\"kty\": 1}",
                "{\"kty\": \"RSA\", \"e\": \"AQAB\", \"n\": \"" + modulus(1024) + "\"}",
                "{\"kty\": \"RSA\", \"e\": \"AQAB\", \"n\": \"" + modulus(16_384) + "\"}")) {
            assertThat(verify(keys(bad, good), token("RS256", "k", ""))).as(bad).isNull();
            assertThatThrownBy(() -> keys(bad), bad).isInstanceOf(KeySetException.class);
        }
    }

    @Test
    void aPointThatIsNotOnTheCurveVerifiesNothing() throws Exception {
        String point = "{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"AA\", \"y\": \"AA\"}";

        assertThat(verify(keys(point), token("ES256", "k", ""))).isEqualTo(TokenFault.VERIFICATION);
    }

    private static String modulus(int bits) {
        byte[] number = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE).toByteArray();
        return TestTokens.base64(Arrays.copyOfRange(number, 1, number.length));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "keys",
                "{}",
                "{\"keys\": {}}",
                "{\"keys\": \"a\"}",
                "{\"keys\": []}",
                "{\"keys\": [], \"keys\": []}",
                "{\"keys\": [{\"kty\": \"RSA\", \"kty\": \"oct\"}]}",
                "<html><body>500</body></html>"
            })
    void whatIsNoKeySet(String text) {
        assertThatThrownBy(() -> KeySet.parse(text, true)).isInstanceOf(KeySetException.class);
    }

    @Test
    void aKeySetIsBounded() {
        String huge = jwks(jwk("RS256", "k")).replace("{\"keys\"", "{\"x\": \"" + "x".repeat(600_000) + "\", \"keys\"");
        String[] many = new String[300];
        Arrays.fill(many, jwk("RS256", "k"));
        String deep = "{\"keys\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThatThrownBy(() -> KeySet.parse(huge, true)).hasMessageContaining("longer");
        assertThatThrownBy(() -> KeySet.parse(jwks(many), true)).hasMessageContaining("256");
        assertThatThrownBy(() -> KeySet.parse(deep, true)).hasMessageContaining("deeply");
    }

    @Test
    void privateKeysAreReportedAndServeAsPublicOnes() throws Exception {
        String withPrivate = jwk(key("RS256", "k").getPublic(), "\"kid\": \"k\", \"d\": \"AQAB\", ");
        KeySet keys = keys(jwk("ES256", "k"), withPrivate, secret(SECRET));

        assertThat(keys.privateKeys()).containsExactly(1, 2);
        assertThat(verify(keys, token("RS256", "k", ""))).isNull();
    }

    @Test
    void whatWasVerifiedIsKnown() throws Exception {
        KeySet keys = keys(jwk("RS256", "k"));
        String compact = token("RS256", "k", "");
        TokenHash hash = TokenHash.of(new AsciiString(compact));

        assertThat(keys.known(hash)).isNull();
        assertThat(verify(keys, compact)).isNull();
        assertThat(keys.known(hash)).isNotNull();
        assertThat(keys(jwk("RS256", "k")).known(hash)).as("by another set").isNull();
        String forged = compact.substring(0, compact.length() - 4) + "AAAA";
        assertThat(verify(keys, forged)).isEqualTo(TokenFault.VERIFICATION);
        assertThat(keys.known(TokenHash.of(new AsciiString(forged)))).isNull();
    }

    @Test
    void whatIsKnownIsBounded() throws Exception {
        VerifiedTokens tokens = new VerifiedTokens();
        Jwt jwt = Jwt.parse(token("ES256", "k", ""));
        TokenHash first = TokenHash.of(new AsciiString("first"));
        tokens.put(first, jwt, 1_000);
        for (int i = 0; i < 30_000; i++) {
            tokens.put(TokenHash.of(new AsciiString("token" + i)), jwt, 1_000);
            tokens.get(first);
            assertThat(tokens.size()).isLessThanOrEqualTo(10_003);
        }
        assertThat(tokens.get(first)).as("asked for again and again").isNotNull();
        assertThat(tokens.get(TokenHash.of(new AsciiString("token0")))).isNull();
        for (int i = 0; i < 2_000; i++) {
            tokens.put(TokenHash.of(new AsciiString("large" + i)), jwt, Jwt.LONGEST);
        }
        assertThat(tokens.size()).isLessThan(300);
    }
}
