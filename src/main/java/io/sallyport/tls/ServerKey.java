package io.sallyport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.PeerTrust;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Reference;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One of a server's certificates, ready for handshakes: a context of the TLS implementation with no other key.
final class ServerKey {
    private static final Logger LOG = System.getLogger(ServerKey.class.getName());

    private final VerifiableKeys.Kind kind;
    private final boolean with13;
    /// Of TLS 1.2, for keys of this kind.
    private final List<Integer> suites;

    private final SslContext context;
    /// Null where the JDK's engine asks the key manager.
    private final @Nullable BoringSslKey key;

    private ServerKey(DownstreamTlsSpec spec, Credential credential, List<String> ciphers, SslContext context)
            throws SSLException {
        TlsProvider.releaseWith(this, List.of(context));
        this.context = context;
        kind = VerifiableKeys.Kind.of(credential.leaf().getPublicKey());
        with13 = spec.max() != TlsVersion.TLS_1_2;
        suites = CipherSuites.numbers(ciphers, kind.rsa());
        key = context instanceof ReferenceCountedOpenSslContext boring ? BoringSslKey.of(credential, boring) : null;
        if (key != null) {
            TlsProvider.whenUnreachable(this, key::free);
        }
    }

    /// @param clients null where no client is asked for a certificate
    /// @throws CredentialException where the spec cannot be served, naming the setting
    static ServerKey of(DownstreamTlsSpec spec, Credential credential, @Nullable PeerTrust clients)
            throws CredentialException {
        SslProvider provider = TlsProvider.forProtocols(spec.alpn());
        List<String> ciphers = CipherSuites.of(spec.cipherSuites());
        try {
            return new ServerKey(spec, credential, ciphers, build(spec, credential, ciphers, clients, provider));
        } catch (SSLException | IllegalArgumentException e) {
            if (provider == SslProvider.JDK) {
                throw unusable(e);
            }
            // A cipher suite or a kind of key that it has dropped and the JDK has not.
            LOG.log(Level.INFO, "TLS for {0} is the JDK's: {1}", Credential.subject(credential.leaf()), e.getMessage());
        }
        try {
            return new ServerKey(spec, credential, ciphers, build(spec, credential, ciphers, clients, SslProvider.JDK));
        } catch (SSLException | IllegalArgumentException e) {
            throw unusable(e);
        }
    }

    private static CredentialException unusable(Exception cause) {
        return new CredentialException("tls", "cannot be set up (" + cause.getMessage() + ")", "see the cause", cause);
    }

    private static SslContext build(
            DownstreamTlsSpec spec,
            Credential credential,
            List<String> ciphers,
            @Nullable PeerTrust clients,
            SslProvider provider)
            throws CredentialException, SSLException {
        SslContextBuilder server = SslContextBuilder.forServer(new ServerKeyManager(credential));
        TlsProvider.configure(server, provider)
                .protocols(TlsVersion.range(spec.min(), spec.max()))
                .ciphers(ciphers)
                .applicationProtocolConfig(TlsProvider.alpn(spec.alpn()));
        if (clients == null) {
            // Without one, Netty would load the system's authorities, and give their names to each context.
            server.trustManager(PeerTrust.nobody());
        } else {
            server.trustManager(clients)
                    .clientAuth(
                            spec.mode() == DownstreamTlsSpec.Mode.OPTIONAL_MUTUAL
                                    ? ClientAuth.OPTIONAL
                                    : ClientAuth.REQUIRE);
        }
        return server.build();
    }

    boolean isVerifiableBy(VerifiableKeys client) {
        return client.include(kind, with13, suites);
    }

    /// A handler for one new connection.
    SslHandler newHandler(ByteBufAllocator allocator) {
        SslHandler handler = TlsHandler.of(context.newHandler(allocator));
        if (key != null && handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
            key.giveTo(engine);
            // Until here, nobody may free it.
            Reference.reachabilityFence(this);
        }
        return handler;
    }
}
