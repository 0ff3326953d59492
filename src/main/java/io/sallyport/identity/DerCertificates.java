package io.sallyport.identity;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Certificates, revocation lists and keys in DER, without armour, as the Workload API hands them over.
public final class DerCertificates {
    /// A sane chain or bundle has a handful; each costs time to parse.
    private static final int MOST = 1000;

    private DerCertificates() {}

    /// Certificates, one right after the other; at least one.
    ///
    /// @param what they are, for messages
    public static List<X509Certificate> certificates(byte[] der, String what) throws CredentialException {
        List<X509Certificate> certificates = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(der);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            while (in.available() > 0) {
                // The factory would also take PEM text.
                if (der[der.length - in.available()] != Der.SEQUENCE || certificates.size() == MOST) {
                    throw broken(what, null);
                }
                certificates.add((X509Certificate) factory.generateCertificate(in));
            }
        } catch (GeneralSecurityException e) {
            throw broken(what, e);
        }
        if (certificates.isEmpty()) {
            throw new CredentialException(what, "is missing", "the answer has to hold it");
        }
        return certificates;
    }

    public static X509CRL crl(byte[] der, String what) throws CredentialException {
        try {
            if (der.length > 0 && der[0] == Der.SEQUENCE) {
                return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
            }
            throw broken(what, null);
        } catch (GeneralSecurityException e) {
            throw broken(what, e);
        }
    }

    /// A private key in PKCS#8, not encrypted.
    public static PrivateKey key(byte[] pkcs8, String what) throws CredentialException {
        return PrivateKeys.parse(pkcs8, what);
    }

    private static CredentialException broken(String what, @Nullable Throwable cause) {
        return new CredentialException(what, "is broken", "it has to be DER, certificate after certificate", cause);
    }
}
