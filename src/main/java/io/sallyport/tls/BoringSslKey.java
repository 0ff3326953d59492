package io.sallyport.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import io.sallyport.identity.Credential;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLException;

/// A server's only key and its certificates as BoringSSL has them, for each new connection.
///
/// Netty's binding would ask a key manager in each handshake instead: it leaves BoringSSL, turns the names of all
/// signature algorithms that the client offers into Java's by regular expressions, and enters it again, a tenth of what
/// a new connection takes. There is nothing to choose where all keys are of one kind; a client that cannot verify them
/// is refused by BoringSSL itself.
final class BoringSslKey {
    private static final Base64.Encoder PEM_LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    /// What the binding takes; Netty hands out BoringSSL's own pointer only.
    private static final VarHandle CONTEXT;

    static {
        try {
            CONTEXT = MethodHandles.privateLookupIn(ReferenceCountedOpenSslContext.class, MethodHandles.lookup())
                    .findVarHandle(ReferenceCountedOpenSslContext.class, "ctx", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long chain;
    private final long key;

    private BoringSslKey(long chain, long key) {
        this.chain = chain;
        this.key = key;
    }

    /// @param context whose connections are given the key, and which will ask for none
    /// @throws SSLException if BoringSSL cannot use the key or the chain
    static BoringSslKey of(Credential credential, ReferenceCountedOpenSslContext context) throws SSLException {
        long chain = 0;
        long key = 0;
        boolean usable = false;
        try {
            chain = parsed(certificates(credential.chain()), SSL::parseX509Chain);
            key = parsed(pem("PRIVATE KEY", credential.key().getEncoded()), text -> SSL.parsePrivateKey(text, null));
            BoringSslKey made = new BoringSslKey(chain, key);
            made.tryWith(context);
            SSLContext.setCertificateCallback((long) CONTEXT.get(context), null);
            usable = true;
            return made;
        } catch (Exception e) {
            throw new SSLException("BoringSSL cannot use the certificates with their key: " + e.getMessage(), e);
        } finally {
            if (!usable) {
                free(chain, key);
            }
        }
    }

    private void tryWith(ReferenceCountedOpenSslContext context) {
        var engine = (ReferenceCountedOpenSslEngine) context.newEngine(UnpooledByteBufAllocator.DEFAULT);
        try {
            giveTo(engine);
        } finally {
            engine.release();
        }
    }

    /// @param engine of a new connection, before its handshake
    void giveTo(ReferenceCountedOpenSslEngine engine) {
        try {
            SSL.setKeyMaterial(engine.sslPointer(), chain, key);
        } catch (Exception e) {
            throw new IllegalStateException("BoringSSL refuses certificates and key together", e);
        }
    }

    /// Connections that have it keep it.
    void free() {
        free(chain, key);
    }

    private static void free(long chain, long key) {
        if (chain != 0) {
            SSL.freeX509Chain(chain);
        }
        if (key != 0) {
            SSL.freePrivateKey(key);
        }
    }

    private static String certificates(List<X509Certificate> chain) throws CertificateEncodingException {
        var text = new StringBuilder();
        for (X509Certificate each : chain) {
            text.append(pem("CERTIFICATE", each.getEncoded()));
        }
        return text.toString();
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + PEM_LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private interface Parser {
        long parse(long bio) throws Exception;
    }

    private static long parsed(String pem, Parser parser) throws Exception {
        byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
        ByteBuf copy = Unpooled.directBuffer(bytes.length);
        long bio = SSL.newMemBIO();
        try {
            copy.writeBytes(bytes);
            SSL.bioWrite(bio, Buffer.address(copy.nioBuffer()), bytes.length);
            return parser.parse(bio);
        } finally {
            SSL.freeBIO(bio);
            // It may be a key.
            copy.setZero(0, bytes.length);
            copy.release();
        }
    }
}
