package io.sallyport.identity;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.CertificateVerifier;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Verifies a peer: first its path to a trusted authority, then what the spec asks of its leaf. With more than
/// one trust domain, the authorities are those of the domain that the peer's certificate names, never all of
/// them: another domain's could vouch for any identity (SPIFFE Workload API section 4.6).
public final class PeerTrust extends X509ExtendedTrustManager {
    private static final X509Certificate[] NONE = {};

    /// Of authorities' names in a request for a certificate, which ends at 64 KiB; with more there are none, which asks
    /// for any certificate (RFC 5246 section 7.4.4): another trust domain's list may not stop every handshake.
    private static final int MOST_NAMES_BYTES = 16 * 1024;

    private interface PathCheck {
        void check(X509ExtendedTrustManager manager) throws CertificateException;
    }

    private final @Nullable PkixTrust pkix;
    private final Map<String, PkixTrust> federated = new HashMap<>();
    private final PeerCheck check;
    /// Handshakes go on whatever is found.
    private final boolean all;

    private PeerTrust(@Nullable PkixTrust pkix, PeerCheck check, boolean all) {
        this.pkix = pkix;
        this.check = check;
        this.all = all;
    }

    /// Lets any certificate do.
    public static PeerTrust insecure() {
        return new PeerTrust(null, PeerChecks.NONE, false);
    }

    /// Lets nobody in, and names no authority: of a server that asks no client for a certificate.
    public static PeerTrust nobody() {
        PeerCheck none = (_, _) -> {
            throw new PeerCertificateException(TlsRejection.UNTRUSTED, "no certificate is asked for");
        };
        return new PeerTrust(null, none, false);
    }

    /// @throws CredentialException where all authorities of the bundle itself have expired
    public PeerTrust(TrustBundle bundle, PeerCheck check) throws CredentialException {
        this(PkixTrust.of(bundle), check, false);
        for (Map.Entry<String, TrustBundle> other : bundle.federated().entrySet()) {
            federated.put(other.getKey(), PkixTrust.ofOthers(other.getValue()));
        }
    }

    /// The same, but that handshakes let any peer in that has its certificate's key; [#admits] says whether it is
    /// trusted.
    public PeerTrust acceptingAll() {
        PeerTrust accepting = new PeerTrust(pkix, check, true);
        accepting.federated.putAll(federated);
        return accepting;
    }

    private @Nullable PkixTrust pkixFor(X509Certificate leaf) {
        if (federated.isEmpty()) {
            return pkix;
        }
        SpiffeId id = PeerIdentity.of(leaf).spiffe();
        PkixTrust others = id == null ? null : federated.get(id.trustDomain());
        return others == null ? pkix : others;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        verify(engine, manager -> manager.checkClientTrusted(chain, authType, engine), chain[0], "");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        String name = engine.getPeerHost();
        verify(
                engine,
                manager -> manager.checkServerTrusted(chain, authType, engine),
                chain[0],
                name == null ? "" : name);
    }

    /// Whether a client of an earlier handshake would be admitted by its certificates now.
    ///
    /// @param chain what it has sent, its own certificate first
    public boolean admits(List<X509Certificate> chain) {
        X509Certificate leaf = chain.getFirst();
        X509Certificate[] sent = chain.toArray(X509Certificate[]::new);
        try {
            PkixTrust trust = pkixFor(leaf);
            if (trust != null) {
                // The kind of key exchange, which is asked for, has been judged with the handshake.
                verifyPath(trust.manager(), manager -> manager.checkClientTrusted(sent, "UNKNOWN"));
            }
            check.check(leaf, "");
            return true;
        } catch (PeerCertificateException refused) {
            return false;
        }
    }

    /// BoringSSL is given the alert by a code; the JDK finds its own, `certificate_unknown` for all clients.
    private void verify(SSLEngine engine, PathCheck path, X509Certificate leaf, String name)
            throws CertificateException {
        if (all) {
            return;
        }
        try {
            PkixTrust trust = pkixFor(leaf);
            if (trust != null) {
                verifyPath(trust.manager(), path);
            }
            check.check(leaf, name);
        } catch (PeerCertificateException refused) {
            if (engine instanceof ReferenceCountedOpenSslEngine) {
                throw new OpenSslCertificateException(refused.getMessage(), refused, code(refused.rejection()));
            }
            throw refused;
        }
    }

    private static void verifyPath(X509ExtendedTrustManager manager, PathCheck path) throws PeerCertificateException {
        try {
            path.check(manager);
        } catch (CertificateException found) {
            throw new PeerCertificateException(found);
        }
    }

    /// Codes for which BoringSSL sends these alerts: unknown_ca, certificate_expired, bad_certificate,
    /// certificate_revoked, unsupported_certificate (RFC 8446 section 6.2).
    private static int code(TlsRejection rejection) {
        return switch (rejection) {
            case UNTRUSTED -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
            case EXPIRED -> CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
            case NOT_YET_VALID -> CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
            case REVOKED -> CertificateVerifier.X509_V_ERR_CERT_REVOKED;
            case WRONG_USAGE -> CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
            case WRONG_IDENTITY, NOT_PINNED, TIMEOUT, HANDSHAKE_FAILED -> CertificateVerifier.X509_V_ERR_CERT_REJECTED;
        };
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        if (pkix == null || federated.isEmpty()) {
            return pkix == null ? NONE : pkix.authorities();
        }
        List<X509Certificate> all = new ArrayList<>(List.of(pkix.authorities()));
        federated.values().forEach(other -> all.addAll(List.of(other.authorities())));
        long bytes = 0;
        for (X509Certificate authority : all) {
            bytes += authority.getSubjectX500Principal().getEncoded().length;
        }
        return bytes > MOST_NAMES_BYTES ? NONE : all.toArray(X509Certificate[]::new);
    }

    // Only engines are used here. Without one the name to expect is not known, so nothing can be trusted.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("there is no engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("there is no engine");
    }
}
