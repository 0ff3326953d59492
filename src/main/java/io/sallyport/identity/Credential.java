package io.sallyport.identity;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A certificate chain, leaf first, and the private key of its leaf.
public record Credential(List<X509Certificate> chain, PrivateKey key) {
    /// Time enough to renew by hand.
    private static final Duration SOON = Duration.ofDays(21);

    /// What lives no longer is renewed by a machine, long before its end.
    private static final Duration SHORT_LIFE = Duration.ofDays(2);

    private static final int LAST_PART = 5;

    public Credential {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a credential needs a certificate");
        }
    }

    /// A credential whose key is strong enough and fits its certificate. Its dates are for the caller to check: see
    /// [#warnings].
    ///
    /// @param source names the files in error messages
    public static Credential of(List<X509Certificate> chain, PrivateKey key, String source) throws CredentialException {
        Credential credential = new Credential(chain, key);
        KeyCheck.check(credential, source);
        return credential;
    }

    /// Reads and checks a chain and its key from two PEM files.
    public static Credential read(Path chain, Path key) throws CredentialException {
        List<X509Certificate> certificates = Pem.certificates(chain);
        return of(certificates, Pem.privateKey(key), chain + " with " + key.getFileName());
    }

    public X509Certificate leaf() {
        return chain.getFirst();
    }

    public boolean isExpired(Instant now) {
        return now.isAfter(end());
    }

    /// When the first certificate of the chain expires: without an intermediate, clients do not trust the leaf either.
    /// A root that is sent along does not count, since it is not verified.
    public Instant end() {
        Instant first = leaf().getNotAfter().toInstant();
        for (X509Certificate certificate : chain) {
            Instant end = certificate.getNotAfter().toInstant();
            boolean root = certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
            if (!root && end.isBefore(first)) {
                first = end;
            }
        }
        return first;
    }

    /// How long before its end somebody should look at it: a fifth of a short life, in which its renewal is overdue.
    ///
    /// @param usual where somebody renews it by hand
    public Duration soon(Duration usual) {
        Duration life = life();
        return life.compareTo(SHORT_LIFE) > 0 ? usual : life.dividedBy(LAST_PART);
    }

    /// From the beginning of its validity to the end.
    public Duration life() {
        return Duration.between(leaf().getNotBefore().toInstant(), end());
    }

    public boolean isNotYetValid(Instant now) {
        return now.isBefore(leaf().getNotBefore().toInstant());
    }

    /// Whether the leaf names `host` (lower case, no port): exactly, or by a wildcard of one label (RFC 9525 section
    /// 6.3).
    public boolean covers(String host) {
        return SubjectAltNames.of(leaf()).covers(host);
    }

    /// What to warn an operator of though the credential can be served: dates, and the order of the chain.
    public List<String> warnings(Instant now) {
        List<String> warnings = new ArrayList<>();
        Instant end = end();
        String what = end.equals(leaf().getNotAfter().toInstant()) ? "the certificate" : "an intermediate certificate";
        if (isExpired(now)) {
            warnings.add(what + " expired on " + end);
        } else if (isNotYetValid(now)) {
            warnings.add("the certificate is not valid before "
                    + leaf().getNotBefore().toInstant());
        } else if (end.isBefore(now.plus(soon(SOON)))) {
            warnings.add(what + " expires on " + end);
        }
        for (int i = 0; i + 1 < chain.size(); i++) {
            if (!chain.get(i).getIssuerX500Principal().equals(chain.get(i + 1).getSubjectX500Principal())) {
                warnings.add("certificate " + (i + 2) + " of the chain is not the issuer of certificate " + (i + 1));
            }
        }
        return warnings;
    }

    /// Whom a certificate is for, as messages show it: an authority may put into a name what breaks or hides a line.
    public static String subject(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().toString().replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    }

    /// Without the key.
    @Override
    public String toString() {
        return "Credential[" + subject(leaf()) + ", serial "
                + leaf().getSerialNumber().toString(16) + "]";
    }
}
