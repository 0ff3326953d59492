package io.sallyport.jwt;

import java.security.Key;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.NamedParameterSpec;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/// The algorithms that tokens may be signed with (RFC 7518, 3.1; RFC 8037), each with the keys that fit it: a token
/// cannot make a public key serve as a secret.
enum SignatureAlgorithm {
    RS256("RS256", Family.RSA, 0),
    RS384("RS384", Family.RSA, 0),
    RS512("RS512", Family.RSA, 0),
    PS256("PS256", Family.RSA, 0),
    PS384("PS384", Family.RSA, 0),
    PS512("PS512", Family.RSA, 0),
    ES256("ES256", Family.EC, 256),
    ES384("ES384", Family.EC, 384),
    ES512("ES512", Family.EC, 521),
    EDDSA("EdDSA", Family.ED25519, 0),
    HS256("HS256", Family.SECRET, 256),
    HS384("HS384", Family.SECRET, 384),
    HS512("HS512", Family.SECRET, 512);

    private enum Family {
        RSA,
        EC,
        ED25519,
        SECRET
    }

    /// RFC 7518, 3.3, and what verifying may cost.
    private static final int SHORTEST_RSA = 2048;

    private static final int LONGEST_RSA = 8192;

    private final String text;
    private final Family family;
    /// Of the curve's field, or at least of the secret.
    private final int bits;

    SignatureAlgorithm(String text, Family family, int bits) {
        this.text = text;
        this.family = family;
        this.bits = bits;
    }

    /// Null for one that is not verified, `none` among them.
    static @Nullable SignatureAlgorithm of(String text) {
        for (SignatureAlgorithm algorithm : values()) {
            if (algorithm.text.equals(text)) {
                return algorithm;
            }
        }
        return null;
    }

    String text() {
        return text;
    }

    /// Whether both sides know the key.
    boolean isSecret() {
        return family == Family.SECRET;
    }

    boolean fits(Key key) {
        return switch (family) {
            case RSA ->
                key instanceof RSAPublicKey rsa && isRsaLength(rsa.getModulus().bitLength());
            case EC ->
                key instanceof ECPublicKey ec
                        && ec.getParams().getCurve().getField().getFieldSize() == bits;
            case ED25519 ->
                key instanceof EdECPublicKey ed
                        && ed.getParams().getName().equals(NamedParameterSpec.ED25519.getName());
            case SECRET -> key instanceof SecretKey secret && 8 * secret.getEncoded().length >= bits;
        };
    }

    private static boolean isRsaLength(int length) {
        return length >= SHORTEST_RSA && length <= LONGEST_RSA;
    }

    /// Whether a key can serve any of the algorithms.
    static boolean isUsable(Key key) {
        for (SignatureAlgorithm algorithm : values()) {
            if (algorithm.fits(key)) {
                return true;
            }
        }
        return false;
    }
}
