package io.sallyport.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The checks that specs ask for, one factory method each.
public final class PeerChecks {
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final String SERVER_USAGE = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_USAGE = "1.3.6.1.5.5.7.3.2";
    private static final int SHA256_BYTES = 32;

    /// `keyCertSign` and `cRLSign` (RFC 5280 section 4.2.1.3).
    private static final int CERT_SIGN = 5;

    private static final int CRL_SIGN = 6;

    private PeerChecks() {}

    public static final PeerCheck NONE = (_, _) -> {};

    /// Within its dates: PKIX does not ask it of a leaf that is itself an anchor, nor of a resumed session's.
    public static final PeerCheck CURRENT = (leaf, _) -> {
        long now = System.currentTimeMillis();
        if (now > leaf.getNotAfter().getTime()) {
            throw new PeerCertificateException(TlsRejection.EXPIRED, "the peer's certificate has expired");
        }
        if (now < leaf.getNotBefore().getTime()) {
            throw new PeerCertificateException(TlsRejection.NOT_YET_VALID, "the peer's certificate is not valid yet");
        }
    };

    /// An authority's own certificate identifies no peer (X.509-SVID section 4.1, RFC 5280 section 4.2.1.9).
    public static final PeerCheck NO_AUTHORITY = (leaf, _) -> {
        if (leaf.getBasicConstraints() >= 0) {
            throw new PeerCertificateException(TlsRejection.WRONG_USAGE, "the peer shows an authority's certificate");
        }
    };

    /// A certificate that names a SPIFFE identity may not be able to issue others: an authority could otherwise
    /// pass for any workload (X.509-SVID section 5.2).
    public static final PeerCheck NO_ISSUING_SVID = (leaf, _) -> {
        if (mayIssue(leaf) && hasSpiffeName(SubjectAltNames.of(leaf).uris())) {
            throw new PeerCertificateException(
                    TlsRejection.WRONG_USAGE, "the peer's SVID may sign certificates or revocation lists");
        }
    };

    public static final PeerCheck CLIENT_USE = (leaf, _) -> requireUsage(leaf, CLIENT_USAGE);
    public static final PeerCheck SERVER_USE = (leaf, _) -> requireUsage(leaf, SERVER_USAGE);

    /// Two URI names, one of them a SPIFFE identity, leave it open who the peer is (X.509-SVID section 5.2).
    public static final PeerCheck UNAMBIGUOUS = (leaf, _) -> {
        List<String> uris = SubjectAltNames.of(leaf).uris();
        if (uris.size() > 1 && hasSpiffeName(uris)) {
            throw new PeerCertificateException(
                    TlsRejection.WRONG_IDENTITY, "the peer's certificate has two identities");
        }
    };

    private static boolean hasSpiffeName(List<String> uris) {
        return uris.stream().anyMatch(uri -> uri.startsWith("spiffe://"));
    }

    /// Whether it is an authority's, or its key usage permits signing certificates or revocation lists.
    static boolean mayIssue(X509Certificate leaf) {
        boolean[] usage = leaf.getKeyUsage();
        return leaf.getBasicConstraints() >= 0
                || usage != null && usage.length > CRL_SIGN && (usage[CERT_SIGN] || usage[CRL_SIGN]);
    }

    /// The certificate covers the name that the connection was opened for.
    public static final PeerCheck NAME = (leaf, name) -> {
        if (!SubjectAltNames.of(leaf).covers(name)) {
            throw new PeerCertificateException(
                    TlsRejection.WRONG_IDENTITY, "the peer's certificate does not name " + name);
        }
    };

    /// Exactly one URI name, which is a workload's SPIFFE identity of one of the trust domains.
    public static PeerCheck memberOf(List<String> trustDomains) {
        return (leaf, _) -> {
            SpiffeId id = PeerIdentity.of(leaf).spiffe();
            if (id == null || id.path().isEmpty() || !trustDomains.contains(id.trustDomain())) {
                throw new PeerCertificateException(
                        TlsRejection.WRONG_IDENTITY,
                        "the peer has no identity of trust domain " + String.join(", ", trustDomains));
            }
        };
    }

    /// Any of the names. What an authority of another trust domain says of DNS names and addresses vouches for nothing
    /// here: its workloads are named by their identities alone.
    ///
    /// @param trustDomains those whose authorities vouch for every kind of name; empty for all
    public static PeerCheck anyOf(List<String> subjectAltNames, List<String> trustDomains) {
        return (leaf, _) -> {
            SubjectAltNames names = SubjectAltNames.of(leaf);
            SpiffeId id = trustDomains.isEmpty() ? null : PeerIdentity.of(leaf).spiffe();
            boolean foreign = id != null && !trustDomains.contains(id.trustDomain());
            for (String expected : subjectAltNames) {
                if (foreign ? names.uris().contains(expected) : names.hold(expected)) {
                    return;
                }
            }
            throw new PeerCertificateException(
                    TlsRejection.WRONG_IDENTITY, "the peer's certificate has none of the names that are asked for");
        };
    }

    /// Either kind of pin is enough, as in Envoy's `CertificateValidationContext`.
    public static PeerCheck pinned(List<String> spkiPins, List<String> certificateHashes) throws CredentialException {
        Set<String> keys = new HashSet<>();
        for (String pin : spkiPins) {
            keys.add(HexFormat.of().formatHex(spkiPin(pin)));
        }
        Set<String> certificates = new HashSet<>();
        for (String hash : certificateHashes) {
            certificates.add(certificateHash(hash));
        }
        return (leaf, _) -> {
            if (!keys.contains(Fingerprint.of(leaf.getPublicKey().getEncoded()))
                    && !certificates.contains(Fingerprint.of(leaf))) {
                throw new PeerCertificateException(TlsRejection.NOT_PINNED, "the peer's certificate is not pinned");
            }
        };
    }

    private static byte[] spkiPin(String pin) throws CredentialException {
        try {
            byte[] digest = Base64.getDecoder().decode(pin.strip());
            if (digest.length == SHA256_BYTES) {
                return digest;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        throw new CredentialException(
                "verifyCertificateSpki '" + pin + "'", "is not the base64 of a SHA-256", "it has 44 characters");
    }

    private static String certificateHash(String hash) throws CredentialException {
        String hex = hash.strip().replace(":", "").toLowerCase(Locale.ROOT);
        if (hex.length() != 2 * SHA256_BYTES || !hex.chars().allMatch(HexFormat::isHexDigit)) {
            throw new CredentialException(
                    "verifyCertificateHash '" + hash + "'",
                    "is not the hexadecimal of a SHA-256",
                    "it has 64 digits, with or without colons between the bytes");
        }
        return hex;
    }

    private static void requireUsage(X509Certificate leaf, String usage) throws PeerCertificateException {
        try {
            List<String> usages = leaf.getExtendedKeyUsage();
            if (usages == null || usages.contains(usage) || usages.contains(ANY_USAGE)) {
                return;
            }
        } catch (CertificateParsingException _) {
            // An extension that cannot be read permits nothing.
        }
        throw new PeerCertificateException(TlsRejection.WRONG_USAGE, "the peer's certificate is not for this use");
    }
}
