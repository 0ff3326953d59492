package io.sallyport.testing;

import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/// A certificate in the making; see [TestCertificates#leaf].
public final class TestLeaf {
    private final Issued issuer;
    private final String name;
    private final List<GeneralName> names = new ArrayList<>();
    private final List<KeyPurposeId> usages = new ArrayList<>();
    private KeyPair pair = TestKeys.ecdsa();
    private boolean authority;
    private int keyUsage;
    private Instant notBefore = Instant.now().minus(Duration.ofHours(1));
    private Instant notAfter = Instant.now().plus(TestCertificates.LIFE);

    TestLeaf(Issued issuer, String name) {
        this.issuer = issuer;
        this.name = name;
    }

    public TestLeaf dns(String... dns) {
        return names(GeneralName.dNSName, dns);
    }

    /// Also `spiffe://…`.
    public TestLeaf uri(String... uris) {
        return names(GeneralName.uniformResourceIdentifier, uris);
    }

    public TestLeaf ip(String... addresses) {
        return names(GeneralName.iPAddress, addresses);
    }

    public TestLeaf email(String... addresses) {
        return names(GeneralName.rfc822Name, addresses);
    }

    /// An RSA key of 2048 bits.
    public TestLeaf rsa() {
        pair = TestKeys.rsa();
        return this;
    }

    public TestLeaf key(KeyPair pair) {
        this.pair = pair;
        return this;
    }

    public TestLeaf expired() {
        return valid(Instant.now().minus(Duration.ofDays(2)), Instant.now().minus(Duration.ofDays(1)));
    }

    public TestLeaf notYetValid() {
        return valid(Instant.now().plus(Duration.ofDays(1)), Instant.now().plus(Duration.ofDays(2)));
    }

    public TestLeaf valid(Instant from, Instant to) {
        notBefore = from;
        notAfter = to;
        return this;
    }

    public TestLeaf clientUse() {
        usages.add(KeyPurposeId.id_kp_clientAuth);
        return this;
    }

    public TestLeaf serverUse() {
        usages.add(KeyPurposeId.id_kp_serverAuth);
        return this;
    }

    /// An X.509-SVID as the specification has it: one name, and a key that signs and nothing else.
    public TestLeaf svid(String spiffeId) {
        keyUsage = KeyUsage.digitalSignature;
        return uri(spiffeId);
    }

    /// Of [KeyUsage].
    public TestLeaf keyUsage(int bits) {
        keyUsage = bits;
        return this;
    }

    /// With `CA:TRUE`, which no leaf should have.
    public TestLeaf asAuthority() {
        authority = true;
        return this;
    }

    public Issued issue() {
        return TestCertificates.build(name, pair, issuer, notBefore, notAfter, builder -> {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (keyUsage != 0) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
            }
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            if (!usages.isEmpty()) {
                builder.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usages.toArray(KeyPurposeId[]::new)));
            }
        });
    }

    private TestLeaf names(int type, String... values) {
        for (String value : values) {
            names.add(new GeneralName(type, value));
        }
        return this;
    }
}
