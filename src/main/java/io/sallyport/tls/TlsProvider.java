package io.sallyport.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.internal.SystemPropertyUtil;
import java.lang.ref.Cleaner;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.X509KeyManager;
import org.jboss.logging.Logger;

/// Which implementation of TLS is used, decided here and nowhere else. All that surrounds it are key and trust
/// managers, which BoringSSL's binding takes as well as the JDK's.
///
/// BoringSSL, where its native library loads: a full handshake costs a third of the JDK's, and in a native image, which
/// lacks the JVM's instructions for AES-GCM, a byte a hundredth. Netty's switch `io.netty.handler.ssl.noOpenSsl` turns
/// it off; the JDK's is everywhere.
final class TlsProvider {
    /// A resumed session skips the verification of its certificates, so it must not live long.
    private static final long SESSION_SECONDS = 3600;

    /// Of a client or endpoint that dribbles or stays silent.
    static final int HANDSHAKE_SECONDS = 10;

    private static final long SESSIONS = 20_000;

    static {
        JdkTls.prepare();
    }

    private static final Logger LOG = Logger.getLogger(TlsProvider.class);

    private static final boolean NATIVE_IMAGE =
            "runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"));

    private static final Cleaner CLEANER = Cleaner.create();

    private static final boolean BORING_SSL = loadBoringSsl();

    private TlsProvider() {}

    /// Says so once where its library cannot be loaded, such as where the directory of temporary files is read-only.
    private static boolean loadBoringSsl() {
        boolean loaded = OpenSsl.isAvailable();
        if (!loaded && !isTurnedOff()) {
            Throwable cause = OpenSsl.unavailabilityCause();
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            LOG.warnf(
                    "TLS is the JDK's, which takes more CPU: BoringSSL cannot be unpacked and loaded in %s (%s)",
                    SystemPropertyUtil.get("io.netty.native.workdir", System.getProperty("java.io.tmpdir")), cause);
        }
        return loaded;
    }

    /// Also for contexts that are made from now on.
    private static boolean isTurnedOff() {
        return SystemPropertyUtil.getBoolean("io.netty.handler.ssl.noOpenSsl", false);
    }

    /// Only the JDK's engine goes on in one direction after the end of the other, which byte streams want. In a native
    /// image that costs too much.
    ///
    /// @param alpn without those of HTTP: a byte stream
    static SslProvider forProtocols(List<String> alpn) {
        boolean http = alpn.contains("h2") || alpn.contains("http/1.1");
        return BORING_SSL && !isTurnedOff() && (http || NATIVE_IMAGE) ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    }

    /// BoringSSL's binding would encode and parse a key again for each handshake; so it keeps what it has parsed.
    static void setKeys(SslContextBuilder builder, X509KeyManager keys, SslProvider provider) {
        if (provider == SslProvider.JDK) {
            builder.keyManager(keys);
        } else {
            builder.keyManager(new OpenSslCachingX509KeyManagerFactory(new OneKeyManager(keys)));
        }
    }

    /// Frees contexts of BoringSSL when nobody can make connections with them any more. Connections hold theirs as
    /// well, so the last one outlives the generation that it began in.
    static void releaseWith(Object owner, Collection<SslContext> contexts) {
        whenUnreachable(owner, () -> contexts.forEach(ReferenceCountUtil::release));
    }

    /// @param freeing must not refer to the owner
    static void whenUnreachable(Object owner, Runnable freeing) {
        CLEANER.register(owner, freeing);
    }

    static SslContextBuilder configure(SslContextBuilder builder, SslProvider provider) {
        if (provider != SslProvider.JDK) {
            builder.option(OpenSslContextOption.GROUPS, TlsGroups.ofBoringSsl());
        }
        return builder.sslProvider(provider).sessionTimeout(SESSION_SECONDS).sessionCacheSize(SESSIONS);
    }

    /// @param protocols in order of preference; empty for no ALPN
    static ApplicationProtocolConfig alpn(List<String> protocols) {
        return protocols.isEmpty()
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocols);
    }
}
