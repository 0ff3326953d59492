package bench;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/// A JWT signed with RS256.
///
/// @param text in compact form
/// @param keys the JSON Web Key Set that verifies it
record Token(String text, String keys) {
    static final String ISSUER = "https://issuer.example";

    private static final int KEY_BITS = 2048;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    static Token issue() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(KEY_BITS);
        KeyPair pair = generator.generateKeyPair();
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        String signed = encode("{\"alg\":\"RS256\",\"kid\":\"bench\"}") + '.'
                + encode("{\"iss\":\"%s\",\"sub\":\"bench\",\"aud\":\"bench.example\",\"scope\":\"read write\"}"
                        .formatted(ISSUER));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return new Token(
                signed + '.' + BASE64.encodeToString(signature.sign()),
                "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"bench\",\"alg\":\"RS256\",\"n\":\"%s\",\"e\":\"%s\"}]}"
                        .formatted(encode(key.getModulus()), encode(key.getPublicExponent())));
    }

    private static String encode(String text) {
        return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Without the sign's byte (RFC 7518, 6.3.1.1).
    private static String encode(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int from = bytes.length > 1 && bytes[0] == 0 ? 1 : 0;
        return BASE64.encodeToString(java.util.Arrays.copyOfRange(bytes, from, bytes.length));
    }
}
