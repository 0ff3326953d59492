package io.sallyport.testing;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority for tests: `TestCertificates.authority("ca").leaf("api").dns("api.example.com").issue()`.
public final class TestCertificates {
    private static final AtomicLong SERIAL = new AtomicLong(System.nanoTime());
    static final Duration LIFE = Duration.ofDays(30);

    private final Issued self;

    private TestCertificates(Issued self) {
        this.self = self;
    }

    /// A new self-signed root with an ECDSA key.
    public static TestCertificates authority(String name) {
        return authority(name, Instant.now().minus(LIFE), Instant.now().plus(LIFE));
    }

    public static TestCertificates authority(String name, Instant notBefore, Instant notAfter) {
        return authority(name, TestKeys.ecdsa(), notBefore, notAfter);
    }

    /// One with an RSA key, for clients that know nothing else.
    public static TestCertificates rsaAuthority(String name) {
        return authority(
                name,
                TestKeys.rsa(2048),
                Instant.now().minus(LIFE),
                Instant.now().plus(LIFE));
    }

    private static TestCertificates authority(String name, KeyPair pair, Instant notBefore, Instant notAfter) {
        return new TestCertificates(build(name, pair, null, notBefore, notAfter, builder -> asAuthority(builder)));
    }

    /// A new authority below this one; its leaves' chains hold it.
    public TestCertificates intermediate(String name) {
        return new TestCertificates(build(
                name,
                TestKeys.ecdsa(),
                self,
                Instant.now().minus(LIFE),
                Instant.now().plus(LIFE),
                builder -> asAuthority(builder)));
    }

    /// An authority that is not entitled to be one: what this certificate's key signs.
    public static TestCertificates of(Issued issued) {
        return new TestCertificates(issued);
    }

    /// The authority's own certificate and key.
    public Issued issued() {
        return self;
    }

    public X509Certificate certificate() {
        return self.certificate();
    }

    public String pem() {
        return TestPem.certificates(List.of(certificate()));
    }

    /// Starts a certificate with the subject `CN=name`: an ECDSA key and no extension but what the builder's methods
    /// add.
    public TestLeaf leaf(String name) {
        return new TestLeaf(self, name);
    }

    /// A current revocation list that names these.
    public X509CRL crl(Issued... revoked) {
        return crl(Instant.now().minusSeconds(60), Instant.now().plus(LIFE), revoked);
    }

    public X509CRL crl(Instant thisUpdate, Instant nextUpdate, Issued... revoked) {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(subject(self.certificate()), Date.from(thisUpdate));
        builder.setNextUpdate(Date.from(nextUpdate));
        for (Issued issued : revoked) {
            builder.addCRLEntry(issued.certificate().getSerialNumber(), Date.from(thisUpdate), CRLReason.keyCompromise);
        }
        try {
            return new JcaX509CRLConverter()
                    .getCRL(builder.build(
                            new JcaContentSignerBuilder(TestKeys.signature(self.key())).build(self.key())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void asAuthority(JcaX509v3CertificateBuilder builder) throws Exception {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(
                Extension.keyUsage,
                true,
                new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature));
    }

    interface Extensions {
        void addTo(JcaX509v3CertificateBuilder builder) throws Exception;
    }

    /// @param issuer null: self-signed
    static Issued build(
            String name, KeyPair pair, Issued issuer, Instant notBefore, Instant notAfter, Extensions extensions) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer == null ? subject(name) : subject(issuer.certificate()),
                    BigInteger.valueOf(SERIAL.incrementAndGet()),
                    Date.from(notBefore),
                    Date.from(notAfter),
                    subject(name),
                    pair.getPublic());
            extensions.addTo(builder);
            var signingKey = issuer == null ? pair.getPrivate() : issuer.key();
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(builder.build(
                            new JcaContentSignerBuilder(TestKeys.signature(signingKey)).build(signingKey)));
            return Issued.of(certificate, pair.getPrivate(), issuer);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static X500Name subject(String name) {
        return new X500Name(name.contains("=") ? name : "CN=" + name);
    }

    private static X500Name subject(X509Certificate certificate) {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }
}
