package io.sallyport.identity;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// The JDK's path validation (RFC 5280) for one bundle: signatures, dates, constraints, key usage, revocation lists.
/// PKIX does not look at an anchor's own dates, so anchors that expired are left out, whenever that comes to pass.
final class PkixTrust {
    private final List<X509Certificate> authorities;
    private final TrustBundle bundle;
    private volatile @Nullable Validator current;

    private record Validator(X509ExtendedTrustManager manager, long usableUntil) {}

    private PkixTrust(TrustBundle bundle) {
        this.bundle = bundle;
        this.authorities = bundle.authorities();
    }

    /// @throws CredentialException where every authority has expired
    static PkixTrust of(TrustBundle bundle) throws CredentialException {
        PkixTrust trust = new PkixTrust(bundle);
        try {
            trust.current = trust.build(System.currentTimeMillis());
            return trust;
        } catch (GeneralSecurityException e) {
            throw new CredentialException(
                    "trust bundle", "cannot be used (" + e.getMessage() + ")", "give current CA certificates", e);
        }
    }

    /// That of another trust domain: where its authorities have expired, its peers are refused and nobody else.
    static PkixTrust ofOthers(TrustBundle bundle) {
        return new PkixTrust(bundle);
    }

    /// @throws PeerCertificateException if all authorities have expired
    X509ExtendedTrustManager manager() throws PeerCertificateException {
        Validator validator = current;
        long now = System.currentTimeMillis();
        if (validator == null || now > validator.usableUntil()) {
            try {
                validator = build(now);
                current = validator;
            } catch (GeneralSecurityException e) {
                throw new PeerCertificateException(TlsRejection.EXPIRED, "every trusted authority has expired");
            }
        }
        return validator.manager();
    }

    /// What is sent as acceptable authorities in a CertificateRequest.
    X509Certificate[] authorities() {
        return authorities.toArray(X509Certificate[]::new);
    }

    private Validator build(long now) throws GeneralSecurityException {
        Set<TrustAnchor> anchors = new HashSet<>();
        long usableUntil = Long.MAX_VALUE;
        for (X509Certificate authority : authorities) {
            long end = authority.getNotAfter().getTime();
            if (end >= now) {
                anchors.add(new TrustAnchor(authority, null));
                usableUntil = Math.min(usableUntil, end);
            }
        }
        if (anchors.isEmpty()) {
            throw new GeneralSecurityException("every authority has expired");
        }
        return new Validator(trustManager(new CertPathTrustManagerParameters(parameters(anchors))), usableUntil);
    }

    private PKIXBuilderParameters parameters(Set<TrustAnchor> anchors) throws GeneralSecurityException {
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
        parameters.setRevocationEnabled(false);
        if (!bundle.crls().isEmpty()) {
            PKIXRevocationChecker checker =
                    (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
            // No fallback: OCSP would make a handshake wait for a server that the peer names.
            checker.setOptions(EnumSet.of(Option.PREFER_CRLS, Option.NO_FALLBACK));
            parameters.addCertPathChecker(checker);
            parameters.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(bundle.crls())));
        }
        return parameters;
    }

    private static X509ExtendedTrustManager trustManager(ManagerFactoryParameters parameters)
            throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(parameters);
        return only(factory);
    }

    /// The JDK's own roots, for a system that has none.
    static X509Certificate[] jdkRoots() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init((KeyStore) null);
        return only(factory).getAcceptedIssuers();
    }

    private static X509ExtendedTrustManager only(TrustManagerFactory factory) throws GeneralSecurityException {
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("no X.509 trust manager");
    }
}
