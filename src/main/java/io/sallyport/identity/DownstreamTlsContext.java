package io.sallyport.identity;

import static io.sallyport.identity.DownstreamTlsSpec.Mode.ISTIO_MUTUAL;
import static io.sallyport.identity.DownstreamTlsSpec.Mode.OPTIONAL_MUTUAL;
import static io.sallyport.identity.DownstreamTlsSpec.Mode.SIMPLE;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// A [DownstreamTlsSpec] ready for handshakes. Immutable and safe for all event loops; has ticket keys and a session
/// cache of its own.
public final class DownstreamTlsContext {
    private final DownstreamTlsSpec spec;
    private final SslContext context;
    private final List<SubjectAltNames> names;

    private DownstreamTlsContext(DownstreamTlsSpec spec, SslContext context) {
        this.spec = spec;
        this.context = context;
        this.names = spec.credentials().stream()
                .map(credential -> SubjectAltNames.of(credential.leaf()))
                .toList();
    }

    /// @throws CredentialException where the spec cannot be served, naming the setting
    public static DownstreamTlsContext of(DownstreamTlsSpec spec) throws CredentialException {
        check(spec);
        SslContextBuilder builder = TlsProvider.configure(
                        SslContextBuilder.forServer(new ServerKeyManager(spec.credentials())))
                .protocols(TlsVersions.range(spec.min(), spec.max()))
                .ciphers(CipherSuites.of(spec.cipherSuites()))
                .applicationProtocolConfig(alpn(spec));
        PeerTrust trust = clientTrust(spec);
        if (trust != null) {
            builder.trustManager(trust)
                    .clientAuth(spec.mode() == OPTIONAL_MUTUAL ? ClientAuth.OPTIONAL : ClientAuth.REQUIRE);
        }
        try {
            return new DownstreamTlsContext(spec, builder.build());
        } catch (SSLException | IllegalArgumentException e) {
            throw new CredentialException("tls", "cannot be set up (" + e.getMessage() + ")", "see the cause", e);
        }
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
        if (spec.mode() == ISTIO_MUTUAL && !SpiffeId.isTrustDomain(spec.trustDomain())) {
            throw new CredentialException(
                    "trust domain '" + spec.trustDomain() + "'",
                    "is not one",
                    "set it to the mesh's, as cluster.local");
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
                .and(PeerChecks.UNAMBIGUOUS);
        if (spec.mode() == ISTIO_MUTUAL) {
            check = check.and(PeerChecks.memberOf(spec.trustDomain()));
        }
        if (!spec.subjectAltNames().isEmpty()) {
            check = check.and(PeerChecks.anyOf(spec.subjectAltNames()));
        }
        if (!spec.spkiPins().isEmpty() || !spec.certificateHashes().isEmpty()) {
            check = check.and(PeerChecks.pinned(spec.spkiPins(), spec.certificateHashes()));
        }
        return new PeerTrust(new PkixTrust(trust), check);
    }

    /// RFC 7301 section 3.2: a client whose protocols we know none of is refused, not guessed at.
    private static ApplicationProtocolConfig alpn(DownstreamTlsSpec spec) {
        return spec.alpn().isEmpty()
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.FATAL_ALERT,
                        SelectedListenerFailureBehavior.ACCEPT,
                        spec.alpn());
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

    /// A handler for one new connection.
    public SslHandler newHandler(ByteBufAllocator allocator) {
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeout(TlsProvider.HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        return handler;
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
