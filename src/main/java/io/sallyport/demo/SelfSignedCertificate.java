package io.sallyport.demo;

import io.sallyport.identity.Der;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;

/// A certificate for a server that signs itself (RFC 5280), with an ECDSA key on P-256. The JDK can read certificates
/// but not make them.
///
/// @param certificate PEM
/// @param privateKey PEM, PKCS #8
record SelfSignedCertificate(String certificate, String privateKey) {
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int UTF8_STRING = 0x0c;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SET = 0x31;
    private static final int CONTEXT_3 = 0xa3;
    private static final int DNS_NAME = 0x82;

    private static final byte[] ECDSA_WITH_SHA256 =
            Der.element(Der.SEQUENCE, Der.oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
    private static final byte[] COMMON_NAME = Der.oid(0x55, 0x04, 0x03);
    private static final byte[] KEY_USAGE = Der.oid(0x55, 0x1d, 0x0f);
    private static final byte[] SUBJECT_ALT_NAME = Der.oid(0x55, 0x1d, 0x11);
    private static final byte[] BASIC_CONSTRAINTS = Der.oid(0x55, 0x1d, 0x13);
    private static final byte[] EXTENDED_KEY_USAGE = Der.oid(0x55, 0x1d, 0x25);
    private static final byte[] SERVER_AUTH = Der.oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01);

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");
    /// For clocks that go behind this one.
    private static final Duration BEFORE = Duration.ofHours(1);

    /// @param names DNS names, the first of which is the subject, too
    static SelfSignedCertificate of(List<String> names, Instant now, Duration validity)
            throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        byte[] content = content(names, now, validity, keys.getPublic().getEncoded());
        var signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(keys.getPrivate());
        signer.update(content);
        byte[] certificate = Der.element(Der.SEQUENCE, content, ECDSA_WITH_SHA256, bits(0, signer.sign()));
        return new SelfSignedCertificate(
                pem("CERTIFICATE", certificate),
                pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    /// What is signed, `TBSCertificate` (section 4.1).
    private static byte[] content(List<String> names, Instant now, Duration validity, byte[] publicKey) {
        byte[] subject = name(names.getFirst());
        return Der.element(
                Der.SEQUENCE,
                Der.element(Der.CONTEXT_0, Der.element(INTEGER, new byte[] {2})),
                Der.element(INTEGER, serialNumber()),
                ECDSA_WITH_SHA256,
                subject,
                Der.element(Der.SEQUENCE, time(now.minus(BEFORE)), time(now.plus(validity))),
                subject,
                publicKey,
                Der.element(CONTEXT_3, extensions(names)));
    }

    private static byte[] extensions(List<String> names) {
        byte[][] alternatives = names.stream()
                .map(name -> Der.element(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII)))
                .toArray(byte[][]::new);
        return Der.element(
                Der.SEQUENCE,
                extension(SUBJECT_ALT_NAME, false, Der.element(Der.SEQUENCE, alternatives)),
                extension(BASIC_CONSTRAINTS, true, Der.element(Der.SEQUENCE)),
                // digitalSignature, the first bit of eight.
                extension(KEY_USAGE, true, bits(7, new byte[] {(byte) 0x80})),
                extension(EXTENDED_KEY_USAGE, false, Der.element(Der.SEQUENCE, SERVER_AUTH)));
    }

    private static byte[] extension(byte[] oid, boolean critical, byte[] value) {
        byte[] content = Der.element(Der.OCTET_STRING, value);
        return critical
                ? Der.element(Der.SEQUENCE, oid, Der.element(BOOLEAN, new byte[] {(byte) 0xff}), content)
                : Der.element(Der.SEQUENCE, oid, content);
    }

    private static byte[] name(String commonName) {
        byte[] value = Der.element(UTF8_STRING, commonName.getBytes(StandardCharsets.UTF_8));
        return Der.element(Der.SEQUENCE, Der.element(SET, Der.element(Der.SEQUENCE, COMMON_NAME, value)));
    }

    private static byte[] time(Instant instant) {
        String text = TIME.format(instant.atOffset(ZoneOffset.UTC));
        return Der.element(GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    /// Positive, and never with a needless zero in front.
    private static byte[] serialNumber() {
        byte[] serial = new byte[16];
        new SecureRandom().nextBytes(serial);
        serial[0] = (byte) (serial[0] & 0x3f | 0x40);
        return serial;
    }

    private static byte[] bits(int unused, byte[] content) {
        return Der.element(BIT_STRING, new byte[] {(byte) unused}, content);
    }

    private static String pem(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }
}
