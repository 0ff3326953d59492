package io.sallyport.identity;

import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;

/// Which implementation of TLS is used, decided here and nowhere else. All that surrounds it are key and trust
/// managers, which OpenSSL's implementation takes as well as the JDK's.
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

    static SslProvider current() {
        return SslProvider.JDK;
    }

    static SslContextBuilder configure(SslContextBuilder builder) {
        return builder.sslProvider(current()).sessionTimeout(SESSION_SECONDS).sessionCacheSize(SESSIONS);
    }
}
