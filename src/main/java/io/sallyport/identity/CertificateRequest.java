package io.sallyport.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/// A new key, and the request for a certificate that names it (PKCS#10, RFC 2986), with one URI name and no subject.
///
/// @param pem the request
public record CertificateRequest(PrivateKey key, String pem) {
    private static final byte[] VERSION_0 = {0x02, 1, 0};
    private static final int SET = 0x31;
    private static final int BIT_STRING = 0x03;
    /// `uniformResourceIdentifier` of a GeneralName (RFC 5280 section 4.2.1.6).
    private static final int URI = 0x86;

    private static final byte[] EXTENSION_REQUEST = Der.oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e);
    private static final byte[] SUBJECT_ALT_NAME = Der.oid(0x55, 0x1d, 0x11);
    private static final byte[] ECDSA_WITH_SHA256 = Der.oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
    /// A name in a certificate without a subject is critical.
    private static final byte[] CRITICAL = {0x01, 1, (byte) 0xff};

    private static final int PEM_LINE = 64;

    /// With a new P-256 key.
    public static CertificateRequest of(SpiffeId id) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            byte[] info = Der.element(
                    Der.SEQUENCE,
                    VERSION_0,
                    Der.element(Der.SEQUENCE),
                    pair.getPublic().getEncoded(),
                    attributes(id));
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(pair.getPrivate());
            signer.update(info);
            byte[] request = Der.element(
                    Der.SEQUENCE,
                    info,
                    Der.element(Der.SEQUENCE, ECDSA_WITH_SHA256),
                    Der.element(BIT_STRING, new byte[] {0}, signer.sign()));
            return new CertificateRequest(pair.getPrivate(), armoured(request));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has ECDSA with P-256", impossible);
        }
    }

    /// `[0] { SEQUENCE { extensionRequest, SET { SEQUENCE { SEQUENCE { subjectAltName, critical, … } } } } }`
    private static byte[] attributes(SpiffeId id) {
        byte[] name = Der.element(URI, id.toString().getBytes(StandardCharsets.US_ASCII));
        byte[] extension = Der.element(
                Der.SEQUENCE,
                SUBJECT_ALT_NAME,
                CRITICAL,
                Der.element(Der.OCTET_STRING, Der.element(Der.SEQUENCE, name)));
        byte[] extensions = Der.element(Der.SEQUENCE, extension);
        return Der.element(Der.CONTEXT_0, Der.element(Der.SEQUENCE, EXTENSION_REQUEST, Der.element(SET, extensions)));
    }

    private static String armoured(byte[] der) {
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE REQUEST-----\n";
    }

    /// Without the key.
    @Override
    public String toString() {
        return pem;
    }
}
