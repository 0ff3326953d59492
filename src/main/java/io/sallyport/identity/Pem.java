package io.sallyport.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/// Reads certificates, revocation lists and private keys from PEM files (RFC 7468, and RFC 1421 for older keys).
public final class Pem {
    /// A Kubernetes secret holds 1 MiB at most; a revocation list may come from elsewhere.
    static final int MAX_FILE = 16 << 20;

    private Pem() {}

    /// The certificates of a file in their order; at least one.
    public static List<X509Certificate> certificates(Path file) throws CredentialException {
        return certificates(read(file), file.toString());
    }

    public static List<X509Certificate> certificates(String pem, String source) throws CredentialException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (PemBlock block : PemBlock.parse(pem, source)) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
                certificates.add(certificate(block.der(), source, certificates.size() + 1));
            }
        }
        if (certificates.isEmpty()) {
            throw new CredentialException(
                    source,
                    "holds no certificate",
                    "it should be PEM text with a line '-----BEGIN CERTIFICATE-----'; convert a DER file with "
                            + "'openssl x509 -inform der'");
        }
        return certificates;
    }

    /// The revocation lists of a file; at least one.
    public static List<X509CRL> crls(Path file) throws CredentialException {
        return crls(read(file), file.toString());
    }

    public static List<X509CRL> crls(String pem, String source) throws CredentialException {
        List<X509CRL> crls = new ArrayList<>();
        for (PemBlock block : PemBlock.parse(pem, source)) {
            if (block.label().equals("X509 CRL")) {
                crls.add(crl(block.der(), source));
            }
        }
        if (crls.isEmpty()) {
            throw new CredentialException(
                    source,
                    "holds no revocation list",
                    "it should be PEM text with a line '-----BEGIN X509 CRL-----'; an empty list still is one");
        }
        return crls;
    }

    /// The one private key of a file: PKCS#8, PKCS#1 (RSA) or SEC1 (EC, also behind its `EC PARAMETERS`), not
    /// encrypted.
    public static PrivateKey privateKey(Path file) throws CredentialException {
        return privateKey(read(file), file.toString());
    }

    public static PrivateKey privateKey(String pem, String source) throws CredentialException {
        return PrivateKeys.of(PemBlock.parse(pem, source), source);
    }

    private static String read(Path file) throws CredentialException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            // A pipe would have its reader wait, a device has no end.
            throw new CredentialException(file.toString(), "is no regular file", "give a PEM file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_FILE + 1);
            if (content.length > MAX_FILE) {
                throw new CredentialException(file.toString(), "is larger than 16 MiB", "give a PEM file");
            }
            // Latin-1 never fails to decode: comments beside the armour may be in any encoding.
            return new String(content, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new CredentialException(file.toString(), "does not exist", "check that the secret is mounted", e);
        } catch (IOException e) {
            throw new CredentialException(
                    file.toString(), "cannot be read (" + e + ")", "check its permissions and that it is a file", e);
        }
    }

    private static X509Certificate certificate(byte[] der, String source, int number) throws CredentialException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw new CredentialException(
                    source, "certificate " + number + " is not a valid X.509 certificate", "issue or copy it anew", e);
        }
    }

    private static X509CRL crl(byte[] der, String source) throws CredentialException {
        try {
            return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw new CredentialException(source, "is not a valid revocation list", "issue or copy it anew", e);
        }
    }
}
