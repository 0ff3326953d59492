package io.sallyport.testing;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Keys, key sets and signed tokens, made with the JDK alone: another implementation than the one that verifies.
public final class TestTokens {
    /// Seconds since 1970 in the year 2100, when these tokens end.
    public static final long LATE = 4_102_444_800L;

    private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();

    private TestTokens() {}

    /// The key pair of an algorithm, the same each time for the same name.
    public static KeyPair key(String algorithm, String name) {
        return KEYS.computeIfAbsent(family(algorithm) + name, _ -> generate(algorithm));
    }

    /// A key set of these keys.
    public static String jwks(String... keys) {
        return "{\"keys\": [" + String.join(", ", keys) + "]}";
    }

    /// A public key as a member of a key set; its name is its `kid`.
    public static String jwk(String algorithm, String kid) {
        return jwk(key(algorithm, kid).getPublic(), "\"kid\": \"" + kid + "\", ");
    }

    public static String jwk(PublicKey key, String more) {
        return switch (key) {
            case RSAPublicKey rsa ->
                "{" + more + "\"kty\": \"RSA\", \"n\": \"" + number(rsa.getModulus(), 0) + "\", \"e\": \""
                        + number(rsa.getPublicExponent(), 0) + "\"}";
            case ECPublicKey ec -> {
                int bits = ec.getParams().getCurve().getField().getFieldSize();
                int bytes = (bits + 7) / 8;
                yield "{" + more + "\"kty\": \"EC\", \"crv\": \"P-" + bits + "\", \"x\": \""
                        + number(ec.getW().getAffineX(), bytes) + "\", \"y\": \""
                        + number(ec.getW().getAffineY(), bytes) + "\"}";
            }
            case EdECPublicKey ed -> {
                byte[] encoded = ed.getEncoded();
                byte[] point = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
                yield "{" + more + "\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": \"" + base64(point) + "\"}";
            }
            default -> throw new IllegalArgumentException(key.getAlgorithm());
        };
    }

    /// A secret as a member of a key set.
    public static String secret(byte[] secret) {
        return "{\"kty\": \"oct\", \"k\": \"" + base64(secret) + "\"}";
    }

    /// A token of issuer `https://issuer.test` and subject `alice` with further claims, that ends in [#LATE].
    ///
    /// @param claims JSON members, each with a comma behind it
    public static String token(String algorithm, String kid, String claims) {
        String payload = "{" + claims + "\"iss\": \"https://issuer.test\", \"sub\": \"alice\", \"exp\": " + LATE + "}";
        return signed(algorithm, kid, payload);
    }

    /// A JWT-SVID with key `1`, that ends in [#LATE].
    ///
    public static String svid(String spiffeId, String audience) {
        return signed("ES256", "1", svidClaims(spiffeId, audience, LATE));
    }

    /// @param expires seconds since 1970
    public static String svidClaims(String spiffeId, String audience, long expires) {
        return "{\"sub\": \"" + spiffeId + "\", \"aud\": [\"" + audience + "\"], \"exp\": " + expires + "}";
    }

    /// A token with exactly that payload.
    public static String signed(String algorithm, String kid, String payload) {
        String header = "{\"alg\": \"" + algorithm + "\", \"kid\": \"" + kid + "\"}";
        return signed(algorithm, key(algorithm, kid).getPrivate(), header, payload);
    }

    /// A token with exactly that header and payload, signed as `algorithm` says, whatever the header says.
    public static String signed(String algorithm, PrivateKey key, String header, String payload) {
        return complete(base64(header) + "." + base64(payload), input -> sign(algorithm, key, input));
    }

    /// As the other, by a secret.
    public static String signed(String algorithm, byte[] secret, String header, String payload) {
        return complete(base64(header) + "." + base64(payload), input -> {
            String name = "HmacSHA" + algorithm.substring(2);
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(secret, name));
            return mac.doFinal(input);
        });
    }

    public static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private interface Signer {
        byte[] sign(byte[] input) throws GeneralSecurityException;
    }

    private static String complete(String input, Signer signer) {
        try {
            return input + "." + base64(signer.sign(input.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sign(String algorithm, PrivateKey key, byte[] input) throws GeneralSecurityException {
        String hash = "SHA" + algorithm.substring(2);
        Signature signature = Signature.getInstance(
                switch (family(algorithm)) {
                    case "RS" -> algorithm.startsWith("PS") ? "RSASSA-PSS" : hash + "withRSA";
                    case "ED" -> "Ed25519";
                    default -> hash + "withECDSAinP1363Format";
                });
        if (algorithm.startsWith("PS")) {
            String name = "SHA-" + algorithm.substring(2);
            signature.setParameter(new PSSParameterSpec(
                    name, "MGF1", new MGF1ParameterSpec(name), Integer.parseInt(algorithm.substring(2)) / 8, 1));
        }
        signature.initSign(key);
        signature.update(input);
        return signature.sign();
    }

    private static String family(String algorithm) {
        return switch (algorithm) {
            case "EdDSA" -> "ED";
            case "ES256", "ES384", "ES512" -> algorithm;
            default -> "RS";
        };
    }

    private static KeyPair generate(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(
                    switch (family(algorithm)) {
                        case "RS" -> "RSA";
                        case "ED" -> "Ed25519";
                        default -> "EC";
                    });
            switch (algorithm) {
                case "ES256" -> generator.initialize(new ECGenParameterSpec("secp256r1"));
                case "ES384" -> generator.initialize(new ECGenParameterSpec("secp384r1"));
                case "ES512" -> generator.initialize(new ECGenParameterSpec("secp521r1"));
                case "EdDSA" -> {}
                default -> generator.initialize(2048);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String number(BigInteger number, int bytes) {
        byte[] all = number.toByteArray();
        int length = bytes == 0 ? (number.bitLength() + 7) / 8 : bytes;
        byte[] exact = new byte[length];
        int copied = Math.min(length, all.length);
        System.arraycopy(all, all.length - copied, exact, length - copied, copied);
        return base64(exact);
    }
}
