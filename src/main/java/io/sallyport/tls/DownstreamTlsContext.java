package io.sallyport.tls;

import static io.sallyport.tls.DownstreamTlsSpec.Mode.ISTIO_MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.OPTIONAL_MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.SIMPLE;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.PeerCheck;
import io.sallyport.identity.PeerChecks;
import io.sallyport.identity.PeerTrust;
import io.sallyport.identity.SpiffeId;
import io.sallyport.identity.SubjectAltNames;
import io.sallyport.identity.TrustBundle;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A [DownstreamTlsSpec] ready for handshakes. Immutable and safe for all event loops; has ticket keys and session
/// caches of its own.
public final class DownstreamTlsContext {
    private final DownstreamTlsSpec spec;
    /// In order of preference.
    private final List<ServerKey> keys;

    private final List<SubjectAltNames> names;
    /// Null where no client is asked for a certificate.
    private final @Nullable PeerTrust clients;

    private DownstreamTlsContext(DownstreamTlsSpec spec, List<ServerKey> keys, @Nullable PeerTrust clients) {
        this.spec = spec;
        this.keys = keys;
        this.clients = clients;
        this.names = spec.credentials().stream()
                .map(credential -> SubjectAltNames.of(credential.leaf()))
                .toList();
    }

    /// @throws CredentialException where the spec cannot be served, naming the setting
    public static DownstreamTlsContext of(DownstreamTlsSpec spec) throws CredentialException {
        check(spec);
        PeerTrust clients = clientTrust(spec);
        List<ServerKey> keys = new ArrayList<>();
        for (Credential credential : oneOfEachKind(spec.credentials())) {
            keys.add(ServerKey.of(spec, credential, clients));
        }
        return new DownstreamTlsContext(spec, List.copyOf(keys), clients);
    }

    /// The first of each kind, RSA last: a signature with P-256 costs a twentieth of one with RSA 2048.
    private static List<Credential> oneOfEachKind(List<Credential> credentials) {
        Map<String, Credential> kinds = new LinkedHashMap<>();
        credentials.forEach(credential -> kinds.putIfAbsent(credential.key().getAlgorithm(), credential));
        Credential rsa = kinds.remove("RSA");
        if (rsa != null) {
            kinds.put("RSA", rsa);
        }
        return List.copyOf(kinds.values());
    }

    /// Looks at what does not depend on certificates: versions, cipher suites, pins.
    ///
    /// @throws CredentialException naming the setting
    public static void checkSettings(DownstreamTlsSpec spec) throws CredentialException {
        TlsVersion.range(spec.min(), spec.max());
        CipherSuites.of(spec.cipherSuites());
        PeerChecks.pinned(spec.spkiPins(), spec.certificateHashes());
    }

    private static void check(DownstreamTlsSpec spec) throws CredentialException {
        if (spec.credentials().isEmpty()) {
            throw new CredentialException(
                    "tls", "mode " + spec.mode() + " needs a certificate", "name its secret in credentialName");
        }
        if (spec.mode() != SIMPLE && spec.trust() == null) {
            throw new CredentialException(
                    "tls",
                    "mode " + spec.mode() + " needs an authority to verify clients with",
                    "add ca.crt to the secret, or a secret '<credentialName>-cacert'");
        }
        if (spec.mode() == ISTIO_MUTUAL && !SpiffeId.areTrustDomains(spec.trustDomains())) {
            throw new CredentialException(
                    "trust domains " + spec.trustDomains(), "are none", "set the mesh's own, as cluster.local");
        }
    }

    private static @Nullable PeerTrust clientTrust(DownstreamTlsSpec spec) throws CredentialException {
        TrustBundle trust = spec.trust();
        if (spec.mode() == SIMPLE || trust == null) {
            return null;
        }
        PeerCheck check = PeerChecks.CURRENT
                .and(PeerChecks.NO_AUTHORITY)
                .and(PeerChecks.CLIENT_USE)
                .and(PeerChecks.UNAMBIGUOUS)
                .and(PeerChecks.NO_ISSUING_SVID);
        if (spec.mode() == ISTIO_MUTUAL) {
            check = check.and(PeerChecks.memberOf(trust.trustDomains(spec.trustDomains())));
        }
        if (!spec.subjectAltNames().isEmpty()) {
            check = check.and(PeerChecks.anyOf(
                    spec.subjectAltNames(), spec.mode() == ISTIO_MUTUAL ? spec.trustDomains() : List.of()));
        }
        if (!spec.spkiPins().isEmpty() || !spec.certificateHashes().isEmpty()) {
            check = check.and(PeerChecks.pinned(spec.spkiPins(), spec.certificateHashes()));
        }
        PeerTrust clients = new PeerTrust(trust, check);
        return acceptsUnverified(spec) ? clients.acceptingAll() : clients;
    }

    /// ISTIO_MUTUAL always knows who its peers are.
    private static boolean acceptsUnverified(DownstreamTlsSpec spec) {
        return spec.acceptsUnverified() && (spec.mode() == MUTUAL || spec.mode() == OPTIONAL_MUTUAL);
    }

    /// Whether the certificates of a client that was let in say who it is. Otherwise it counts as one that has shown
    /// none:
    /// they are verified anew after the handshake, which a resumed session would not do.
    ///
    /// @param chain that the client has sent, its own certificate first
    public boolean isVerified(List<X509Certificate> chain) {
        return !acceptsUnverified(spec) || (clients != null && clients.admits(chain));
    }

    /// Whether a client that was let in by the other TLS would be by this one, too: the same is asked of it, and
    /// its own certificates are still vouched for. They are verified again only where something has gone that
    /// may have vouched for them.
    ///
    /// @param chain that the client has sent; empty where it has shown no certificate, or none that was verified
    public boolean stillTrusts(DownstreamTlsContext admission, List<X509Certificate> chain) {
        if (!spec.demandsLike(admission.spec)) {
            return false;
        }
        TrustBundle now = spec.trust();
        TrustBundle before = admission.spec.trust();
        if (clients == null || now == null || before == null || chain.isEmpty()) {
            return true;
        }
        return now.keeps(before, chain.getFirst()) || clients.admits(chain);
    }

    /// RFC 7301 section 3.2: a client whose protocols we know none of is refused, not guessed at. To be asked before
    /// [#newHandler], because BoringSSL's binding would go on without a protocol.
    ///
    /// @param offered the ClientHello's; empty where it has no such extension
    public boolean speaksOneOf(List<String> offered) {
        return offered.isEmpty() || spec.alpn().isEmpty() || !Collections.disjoint(offered, spec.alpn());
    }

    public DownstreamTlsSpec spec() {
        return spec;
    }

    /// Whether one of the certificates names `host` (lower case, no port). A request for a host that none does, on a
    /// connection made for another, is misdirected (RFC 9110 section 15.5.20).
    public boolean covers(String host) {
        for (SubjectAltNames certificate : names) {
            if (certificate.covers(host)) {
                return true;
            }
        }
        return false;
    }

    /// The URI names of the first of the certificates.
    public List<String> ownUris() {
        return names.getFirst().uris();
    }

    /// A handler for one new connection, with the certificate that the client can verify. Where there is none, the
    /// handshake fails.
    public SslHandler newHandler(ByteBufAllocator allocator, ClientHello hello) {
        SslHandler handler = keyFor(hello).newHandler(allocator);
        handler.setHandshakeTimeout(TlsProvider.HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        return handler;
    }

    private ServerKey keyFor(ClientHello hello) {
        for (ServerKey key : keys) {
            if (key.isVerifiableBy(hello.keys())) {
                return key;
            }
        }
        return keys.getFirst();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DownstreamTlsContext that && spec.equals(that.spec);
    }

    @Override
    public int hashCode() {
        return spec.hashCode();
    }
}
