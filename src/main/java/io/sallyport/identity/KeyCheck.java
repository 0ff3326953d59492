package io.sallyport.identity;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.List;

/// That a private key is strong enough, and is the one of its certificate.
final class KeyCheck {
    private static final int MIN_RSA_BITS = 2048;
    private static final List<Integer> CURVE_BITS = List.of(256, 384, 521);
    private static final byte[] PROBE = "sallyport key probe".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private KeyCheck() {}

    static void check(Credential credential, String source) throws CredentialException {
        checkStrength(credential.leaf().getPublicKey(), source);
        if (fits(credential.key(), credential.leaf())) {
            return;
        }
        for (int i = 1; i < credential.chain().size(); i++) {
            if (fits(credential.key(), credential.chain().get(i))) {
                throw new CredentialException(
                        source,
                        "the key fits certificate " + (i + 1) + " of the chain, not the first",
                        "put the server's own certificate first, its issuers after it");
            }
        }
        throw new CredentialException(
                source,
                "the private key does not fit the certificate of " + Credential.subject(credential.leaf()),
                "give the key that this certificate was issued for");
    }

    private static void checkStrength(PublicKey key, String source) throws CredentialException {
        if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
            throw new CredentialException(
                    source,
                    "an RSA key of " + rsa.getModulus().bitLength() + " bits is too weak",
                    "issue the certificate for an RSA key of 2048 bits or more, or an ECDSA one");
        }
        if (key instanceof ECPublicKey ec
                && !CURVE_BITS.contains(ec.getParams().getCurve().getField().getFieldSize())) {
            throw new CredentialException(
                    source, "its elliptic curve is not one that TLS clients know", "use P-256, P-384 or P-521");
        }
    }

    private static boolean fits(PrivateKey key, X509Certificate certificate) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "EdDSA";
                };
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(PROBE);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(PROBE);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // A key of one algorithm does not even start to verify with a certificate of another.
            return false;
        }
    }
}
