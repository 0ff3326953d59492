package io.sallyport.identity;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

/// Which implementation of TLS is used, decided here and nowhere else. All that surrounds it are key and trust
/// managers, which BoringSSL's binding takes as well as the JDK's.
///
/// Towards clients BoringSSL, where its native library loads: a full handshake costs a third of the JDK's. The JDK's
/// encrypts as fast, is everywhere, and takes the server names with underscores that sidecars send each other, so it
/// is used towards endpoints, whose connections live long. Netty's switch `io.netty.handler.ssl.noOpenSsl` turns
/// BoringSSL off.
final class TlsProvider {
    /// A resumed session skips the verification of its certificates, so it must not live long.
    private static final long SESSION_SECONDS = 3600;

    /// Of a client or endpoint that dribbles or stays silent.
    static final int HANDSHAKE_SECONDS = 10;

    private static final long SESSIONS = 20_000;

    static {
        JdkTls.prepare();
    }

    private TlsProvider() {}

    /// What the handshakes of a spec's clients are made with.
    ///
    /// Two things only the JDK's engine knows: to go on writing after the client's end, which byte streams (specs
    /// without
    /// ALPN) need, and which suites a client of TLS 1.2 offers while it chooses between an ECDSA and an RSA
    /// certificate.
    static SslProvider server(DownstreamTlsSpec spec) {
        boolean served = OpenSsl.isAvailable()
                && !spec.alpn().isEmpty()
                && spec.credentials().stream()
                                .map(credential -> credential.key().getAlgorithm())
                                .distinct()
                                .count()
                        == 1;
        return served ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    }

    static SslContextBuilder configure(SslContextBuilder builder, SslProvider provider) {
        return builder.sslProvider(provider).sessionTimeout(SESSION_SECONDS).sessionCacheSize(SESSIONS);
    }
}
