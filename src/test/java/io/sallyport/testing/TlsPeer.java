package io.sallyport.testing;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.ServerOnlyTlsAuthentication;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsNoCloseNotifyException;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsServerProtocol;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/// A TLS peer, either end, that can break the protocol: with any alert, and with bytes that are no record of its own.
/// Its TLS is Bouncy Castle's, so neither of the gateway's engines is on both ends.
public final class TlsPeer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    /// What the other end did at last: sent a fatal alert of that description, or closed without one (-1).
    public record End(int alert, String received) {}

    private final Socket socket;
    private final TlsProtocol protocol;
    private final Breaking breaking;
    private byte[] serverCertificate = {};

    private interface Breaking {
        void alert(short description) throws IOException;
    }

    private TlsPeer(Socket socket, TlsProtocol protocol, Breaking breaking) {
        this.socket = socket;
        this.protocol = protocol;
        this.breaking = breaking;
    }

    private static ProtocolVersion[] only(String version) {
        return version.equals("TLSv1.3") ? ProtocolVersion.TLSv13.only() : ProtocolVersion.TLSv12.only();
    }

    private static Vector<ProtocolName> names(String... alpn) {
        Vector<ProtocolName> names = new Vector<>();
        for (String name : alpn) {
            names.add(ProtocolName.asUtf8Encoding(name));
        }
        return names;
    }

    /// A client whose handshake is done; it does not verify the server.
    ///
    /// @param version `TLSv1.2` or `TLSv1.3`
    public static TlsPeer client(int port, String serverName, String version, String... alpn) throws IOException {
        return client(port, serverName, version, new byte[0], alpn);
    }

    /// A client of TLS 1.3 that announces early data and sends it with its first ClientHello.
    ///
    /// @param early whole records
    public static TlsPeer earlyClient(int port, String serverName, byte[] early, String... alpn) throws IOException {
        return client(port, serverName, "TLSv1.3", early, alpn);
    }

    private static TlsPeer client(int port, String serverName, String version, byte[] early, String... alpn)
            throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        Client client = new Client(socket, early);
        TlsPeer peer = new TlsPeer(socket, client, client::alert);
        client.connect(new DefaultTlsClient(new BcTlsCrypto()) {
            @Override
            protected ProtocolVersion[] getSupportedVersions() {
                return only(version);
            }

            @Override
            @SuppressWarnings("JdkObsolete") // Bouncy Castle's type
            protected Vector<ServerName> getSNIServerNames() {
                Vector<ServerName> names = new Vector<>();
                names.add(new ServerName(NameType.host_name, serverName.getBytes(StandardCharsets.US_ASCII)));
                return names;
            }

            @Override
            protected Vector<ProtocolName> getProtocolNames() {
                return alpn.length == 0 ? null : names(alpn);
            }

            @Override
            @SuppressWarnings("JdkObsolete") // Bouncy Castle's type
            public Hashtable<Integer, byte[]> getClientExtensions() throws IOException {
                Hashtable<Integer, byte[]> extensions = super.getClientExtensions();
                if (early.length > 0) {
                    extensions.put(ExtensionType.early_data, TlsUtils.EMPTY_BYTES);
                }
                return extensions;
            }

            @Override
            public TlsAuthentication getAuthentication() {
                return new ServerOnlyTlsAuthentication() {
                    @Override
                    public void notifyServerCertificate(TlsServerCertificate certificate) throws IOException {
                        peer.serverCertificate =
                                certificate.getCertificate().getCertificateAt(0).getEncoded();
                    }
                };
            }
        });
        return peer;
    }

    /// The server's end of a connection that was accepted, after its handshake.
    ///
    /// @param identity with an ECDSA key
    public static TlsPeer server(Socket socket, Issued identity, String version, String... alpn) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        Server server = new Server(socket);
        TlsPeer peer = new TlsPeer(socket, server, server::alert);
        server.accept(new Settings(identity, version, alpn));
        return peer;
    }

    public TlsPeer send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public TlsPeer send(byte[] bytes) throws IOException {
        protocol.getOutputStream().write(bytes);
        return this;
    }

    /// Whether the server has shown this certificate.
    public boolean isServedBy(Issued issued) {
        try {
            return Arrays.equals(serverCertificate, issued.certificate().getEncoded());
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As they are, past TLS.
    public TlsPeer sendRaw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /// A fatal alert as this end's own state has it: encrypted, but for the first messages.
    public TlsPeer alert(int description) throws IOException {
        breaking.alert((short) description);
        return this;
    }

    /// Reads as long as what was read does not hold `wanted`.
    public String readUntil(String wanted) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (!all.toString(StandardCharsets.ISO_8859_1).contains(wanted)) {
            int b = protocol.getInputStream().read();
            if (b < 0) {
                throw new IOException("closed after: " + all);
            }
            all.write(b);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /// Reads what comes until the other end has ended the connection.
    ///
    /// @throws SocketTimeoutException where it does not
    public End awaitEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int b = protocol.getInputStream().read();
                    b >= 0;
                    b = protocol.getInputStream().read()) {
                all.write(b);
            }
        } catch (TlsFatalAlertReceived received) {
            return new End(received.getAlertDescription(), all.toString(StandardCharsets.ISO_8859_1));
        } catch (SocketTimeoutException open) {
            throw new SocketTimeoutException("still open after: " + all);
        } catch (TlsNoCloseNotifyException | java.net.SocketException closed) {
            return new End(-1, all.toString(StandardCharsets.ISO_8859_1));
        }
        return new End(-1, all.toString(StandardCharsets.ISO_8859_1));
    }

    /// Waits until the socket itself is closed by the other end, whatever it sends before; this end's TLS is over.
    public void awaitClosed() throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // Whatever it is.
            }
        } catch (SocketTimeoutException open) {
            throw open;
        } catch (IOException reset) {
            assert !reset.getMessage().isEmpty();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /// Does not close the socket with its own end, so that what comes after can be seen.
    private static final class Client extends TlsClientProtocol {
        /// @param early goes out with the first record
        Client(Socket socket, byte[] early) throws IOException {
            super(socket.getInputStream(), new FilterOutputStream(socket.getOutputStream()) {
                private boolean begun;

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                    if (!begun) {
                        begun = true;
                        out.write(early);
                    }
                }
            });
        }

        void alert(short description) throws IOException {
            raiseAlertFatal(description, "as the test says", null);
        }

        @Override
        protected void closeConnection() {}
    }

    private static final class Server extends TlsServerProtocol {
        Server(Socket socket) throws IOException {
            super(socket.getInputStream(), socket.getOutputStream());
        }

        void alert(short description) throws IOException {
            raiseAlertFatal(description, "as the test says", null);
        }

        @Override
        protected void closeConnection() {}
    }

    private static final class Settings extends DefaultTlsServer {
        private final BcTlsCrypto bc;
        private final Issued identity;
        private final String version;
        private final String[] alpn;

        Settings(Issued identity, String version, String... alpn) {
            super(new BcTlsCrypto());
            this.bc = (BcTlsCrypto) getCrypto();
            this.identity = identity;
            this.version = version;
            this.alpn = alpn;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return only(version);
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return new int[] {CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
        }

        @Override
        protected Vector<ProtocolName> getProtocolNames() {
            return alpn.length == 0 ? null : names(alpn);
        }

        @Override
        public TlsCredentials getCredentials() throws IOException {
            try {
                TlsCertificate leaf =
                        bc.createCertificate(identity.certificate().getEncoded());
                Certificate chain = version.equals("TLSv1.3")
                        ? new Certificate(
                                TlsUtils.EMPTY_BYTES, new CertificateEntry[] {new CertificateEntry(leaf, null)})
                        : new Certificate(new TlsCertificate[] {leaf});
                return new BcDefaultTlsCredentialedSigner(
                        new TlsCryptoParameters(context),
                        bc,
                        PrivateKeyFactory.createKey(identity.key().getEncoded()),
                        chain,
                        SignatureAndHashAlgorithm.getInstance(
                                org.bouncycastle.tls.HashAlgorithm.sha256,
                                org.bouncycastle.tls.SignatureAlgorithm.ecdsa));
            } catch (java.security.cert.CertificateEncodingException e) {
                throw new IOException(e);
            }
        }
    }
}
