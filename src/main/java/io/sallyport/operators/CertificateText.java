package io.sallyport.operators;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What operators say of a certificate.
final class CertificateText {
    /// `dNSName` of subjectAltName (RFC 5280, section 4.2.1.6).
    private static final int DNS_NAME = 2;

    private CertificateText() {}

    /// @return null for an algorithm that is not there
    static @Nullable String fingerprint(X509Certificate certificate, String algorithm) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /// Its DNS names, with commas between them; empty for none.
    static String dnsNames(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            for (List<?> name : all == null ? List.<List<?>>of() : all) {
                if (name.get(0) instanceof Integer kind && kind == DNS_NAME) {
                    names.add(String.valueOf(name.get(1)));
                }
            }
        } catch (CertificateParsingException e) {
            return "";
        }
        return String.join(",", names);
    }
}
