package io.sallyport.identity;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The private key among the blocks of a PEM file, converted to PKCS#8, the one form that the JDK reads.
final class PrivateKeys {
    private static final byte[] RSA_ENCRYPTION = Der.oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01);
    private static final byte[] EC_PUBLIC_KEY = Der.oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);
    private static final byte[] VERSION_0 = {0x02, 1, 0};
    private static final byte[] NULL = {0x05, 0};

    private PrivateKeys() {}

    static PrivateKey of(List<PemBlock> blocks, String source) throws CredentialException {
        PrivateKey key = null;
        byte[] ecParameters = null;
        for (PemBlock block : blocks) {
            if (block.label().equals("EC PARAMETERS")) {
                ecParameters = block.der();
            } else if (block.label().endsWith("PRIVATE KEY")) {
                if (key != null) {
                    throw new CredentialException(source, "holds more than one private key", "leave one");
                }
                key = parse(pkcs8(block, ecParameters, source), source);
            }
        }
        if (key == null) {
            throw new CredentialException(
                    source, "holds no private key", "it should be PEM text with a line '-----BEGIN PRIVATE KEY-----'");
        }
        return key;
    }

    private static byte[] pkcs8(PemBlock block, byte @Nullable [] ecParameters, String source)
            throws CredentialException {
        if (block.encrypted() || block.label().equals("ENCRYPTED PRIVATE KEY")) {
            throw new CredentialException(
                    source,
                    "the private key is encrypted",
                    "decrypt it with 'openssl pkey' and guard the file instead: nobody is there to type a passphrase");
        }
        return switch (block.label()) {
            case "PRIVATE KEY" -> block.der();
            case "RSA PRIVATE KEY" -> wrap(RSA_ENCRYPTION, NULL, block.der());
            case "EC PRIVATE KEY" -> wrap(EC_PUBLIC_KEY, curve(block.der(), ecParameters, source), block.der());
            default ->
                throw new CredentialException(
                        source,
                        "a '" + block.label() + "' cannot be used",
                        "convert it with 'openssl pkcs8 -topk8 -nocrypt'");
        };
    }

    /// RFC 5958 section 2: `SEQUENCE { version, SEQUENCE { algorithm, parameters }, OCTET STRING key }`.
    private static byte[] wrap(byte[] algorithm, byte[] parameters, byte[] key) {
        byte[] identifier = Der.element(Der.SEQUENCE, algorithm, parameters);
        return Der.element(Der.SEQUENCE, VERSION_0, identifier, Der.element(Der.OCTET_STRING, key));
    }

    /// The curve of RFC 5915's ECPrivateKey, `SEQUENCE { version, key, [0] parameters OPTIONAL, [1] … }`.
    private static byte[] curve(byte[] sec1, byte @Nullable [] ecParameters, String source) throws CredentialException {
        byte[] inside = Der.child(sec1, Der.CONTEXT_0);
        if (inside != null) {
            return inside;
        }
        if (ecParameters != null) {
            return ecParameters;
        }
        throw new CredentialException(
                source,
                "the EC private key does not name its curve",
                "convert it with 'openssl pkcs8 -topk8 -nocrypt'");
    }

    static PrivateKey parse(byte[] pkcs8, String source) throws CredentialException {
        GeneralSecurityException last = new NoSuchAlgorithmException();
        for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
                last = e;
            }
        }
        throw new CredentialException(
                source, "the private key is broken, or neither RSA, ECDSA nor Ed25519", "issue or copy it anew", last);
    }
}
