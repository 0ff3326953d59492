package io.sallyport.tls;

import static io.sallyport.tls.UpstreamTlsSpec.Mode.ISTIO_MUTUAL;
import static io.sallyport.tls.UpstreamTlsSpec.Mode.SIMPLE;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.netty.util.NetUtil;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.PeerCheck;
import io.sallyport.identity.PeerChecks;
import io.sallyport.identity.PeerTrust;
import io.sallyport.identity.SpiffeId;
import io.sallyport.identity.SystemRoots;
import io.sallyport.identity.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;

/// An [UpstreamTlsSpec] ready for handshakes. Immutable and safe for all event loops. The endpoint's identity is
/// verified within the handshake, so nothing that is written to the connection leaves before it is proven.
public final class UpstreamTlsContext {
    private final UpstreamTlsSpec spec;
    private final PeerTrust trust;

    /// A Netty context is bound to its ALPN protocols; a cluster asks for two or three different lists at most.
    private final ConcurrentMap<List<String>, SslContext> contexts = new ConcurrentHashMap<>();

    private UpstreamTlsContext(UpstreamTlsSpec spec, PeerTrust trust) {
        this.spec = spec;
        this.trust = trust;
        TlsProvider.releaseWith(this, contexts.values());
    }

    /// @throws CredentialException where the spec cannot be used, naming the setting
    public static UpstreamTlsContext of(UpstreamTlsSpec spec) throws CredentialException {
        check(spec);
        UpstreamTlsContext context = new UpstreamTlsContext(spec, serverTrust(spec));
        try {
            context.contexts.put(List.of(), context.build(List.of()));
            return context;
        } catch (SSLException | IllegalArgumentException e) {
            throw new CredentialException("tls", "cannot be set up (" + e.getMessage() + ")", "see the cause", e);
        }
    }

    private static void check(UpstreamTlsSpec spec) throws CredentialException {
        if (spec.mode() != SIMPLE && spec.client() == null) {
            throw new CredentialException(
                    "tls",
                    "mode " + spec.mode() + " needs a client certificate",
                    "name its secret in credentialName, or its files");
        }
        if (spec.mode() == ISTIO_MUTUAL && (spec.trust() == null || !SpiffeId.areTrustDomains(spec.trustDomains()))) {
            throw new CredentialException(
                    "tls",
                    "mode ISTIO_MUTUAL needs the mesh's root certificate and trust domain",
                    "mount the workload's root certificate beside its own, and set the trust domain");
        }
    }

    private static PeerTrust serverTrust(UpstreamTlsSpec spec) throws CredentialException {
        if (spec.insecureSkipVerify()) {
            return PeerTrust.insecure();
        }
        PeerCheck check = PeerChecks.CURRENT.and(PeerChecks.SERVER_USE).and(PeerChecks.NO_ISSUING_SVID);
        if (spec.mode() == ISTIO_MUTUAL) {
            check = check.and(PeerChecks.NO_AUTHORITY).and(PeerChecks.memberOf(trustDomains(spec)));
        }
        if (!spec.subjectAltNames().isEmpty()) {
            check = check.and(PeerChecks.anyOf(
                    spec.subjectAltNames(), spec.mode() == ISTIO_MUTUAL ? spec.trustDomains() : List.of()));
        } else if (spec.mode() != ISTIO_MUTUAL) {
            check = check.and(PeerChecks.NAME);
        }
        TrustBundle trust = spec.trust();
        return new PeerTrust(trust == null ? SystemRoots.get() : trust, check);
    }

    /// Those in which the endpoint may be: others than the mesh's own only where it is named.
    private static List<String> trustDomains(UpstreamTlsSpec spec) {
        TrustBundle trust = spec.trust();
        return trust == null || spec.subjectAltNames().isEmpty()
                ? spec.trustDomains()
                : trust.trustDomains(spec.trustDomains());
    }

    public UpstreamTlsSpec spec() {
        return spec;
    }

    /// A handler for one new connection. It fails the handshake, see [io.sallyport.identity.TlsRejection#of], if the
    /// endpoint is not the one expected.
    ///
    /// @param host that the connection is opened for: a DNS name in lower case or an IP address; empty for none,
    ///     which no certificate covers
    /// @param port of the endpoint
    /// @param alpn `h2` and `http/1.1`, in order of preference; empty for TCP. ISTIO_MUTUAL adds the mesh's own
    ///     names: see [MeshAlpn]
    public SslHandler newHandler(ByteBufAllocator allocator, String host, int port, List<String> alpn) {
        String name = spec.nameFor(host);
        List<String> offered = spec.mode() == ISTIO_MUTUAL ? MeshAlpn.offer(alpn) : alpn;
        // The name goes to the engine as its peer's: the trust manager finds it there, and sessions are cached by it.
        SslHandler handler = TlsHandler.of(context(offered).newHandler(allocator, name, port));
        boolean named = !name.isEmpty() && NetUtil.createByteArrayFromIpAddressString(name) == null;
        setServerName(handler.engine(), named ? name : null);
        handler.setHandshakeTimeout(TlsProvider.HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        return handler;
    }

    /// @param name null for none
    private static void setServerName(SSLEngine engine, @Nullable String name) {
        if (engine instanceof ReferenceCountedOpenSslEngine boring) {
            // Not by parameters: the binding takes only what `SNIHostName` does.
            if (name != null) {
                SSL.setTlsExtHostName(boring.sslPointer(), name);
            }
            return;
        }
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(
                name == null ? List.of() : List.of(new HostName(name.getBytes(StandardCharsets.US_ASCII))));
        engine.setSSLParameters(parameters);
    }

    /// In place of `SNIHostName`, which refuses the underscores of Istio's `outbound_.80_._.svc`.
    private static final class HostName extends SNIServerName {
        HostName(byte[] name) {
            super(StandardConstants.SNI_HOST_NAME, name);
        }
    }

    private SslContext context(List<String> alpn) {
        SslContext context = contexts.get(alpn);
        return context != null ? context : contexts.computeIfAbsent(List.copyOf(alpn), this::buildUnchecked);
    }

    private SslContext buildUnchecked(List<String> alpn) {
        try {
            return build(alpn);
        } catch (SSLException e) {
            // The same was built without ALPN before.
            throw new IllegalStateException(e);
        }
    }

    private SslContext build(List<String> alpn) throws SSLException {
        SslProvider provider = TlsProvider.forProtocols(alpn);
        SslContextBuilder builder = TlsProvider.configure(SslContextBuilder.forClient(), provider)
                .trustManager(trust)
                .protocols(TlsVersion.TLS_1_3.jsseName(), TlsVersion.TLS_1_2.jsseName())
                .applicationProtocolConfig(TlsProvider.alpn(alpn));
        Credential client = spec.client();
        if (client != null) {
            TlsProvider.setKeys(builder, new ClientKeyManager(client), provider);
        }
        return builder.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UpstreamTlsContext that && spec.equals(that.spec);
    }

    @Override
    public int hashCode() {
        return spec.hashCode();
    }
}
