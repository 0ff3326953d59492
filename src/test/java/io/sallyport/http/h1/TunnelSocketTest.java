package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.head;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import io.netty.buffer.ByteBuf;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// CONNECT tunnels on real sockets: what is held before the answer, back-pressure both ways, ends by halves.
class TunnelSocketTest {
    private static final String CONNECT = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n";
    private static final String ACCEPTED = "HTTP/1.1 200 OK\r\n\r\n";
    private static final int MIB = 1 << 20;
    private static final long TOTAL = 64L * MIB;

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aClientThatSendsBeforeTheAnswerIsHeldBackAndLosesNothing(boolean epoll) throws Exception {
        AtomicReference<ServerStream> asked = new AtomicReference<>();
        Counting heard = new Counting();
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    asked.set(stream);
                    return heard;
                });
                Socket client = server.connect()) {
            send(client, CONNECT);
            AtomicLong sent = new AtomicLong();
            Thread sender = Thread.ofVirtual().start(() -> send(client, sent));
            assertThat(awaitStandstill(sent)).isLessThan(TOTAL);
            assertThat(heard.bytes).hasValue(0);

            ServerStream stream = asked.get();
            stream.eventLoop().execute(() -> accept(stream));
            sender.join();
            await().untilAtomic(heard.bytes, is(TOTAL));
            assertThat(heard.largest.get()).as("bytes held in one piece").isLessThanOrEqualTo(256 * 1024);
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aClientThatSendsAndEndsBeforeTheAnswerLosesNothing(boolean epoll) throws Exception {
        AtomicReference<ServerStream> asked = new AtomicReference<>();
        Counting heard = new Counting();
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    asked.set(stream);
                    return heard;
                });
                Socket client = server.connect()) {
            send(client, CONNECT);
            await().until(() -> asked.get() != null);
            client.getOutputStream().write(new byte[MIB]);
            client.shutdownOutput();
            ServerStream stream = asked.get();
            stream.eventLoop().execute(() -> accept(stream));

            await().untilAtomic(heard.ends, is(1));
            assertThat(heard.bytes).hasValue(MIB);
            assertThat(heard.largest.get()).as("bytes held in one piece").isLessThanOrEqualTo(256 * 1024);
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void anOwnerThatPausesStopsTheClient(boolean epoll) throws Exception {
        AtomicReference<ServerStream> paused = new AtomicReference<>();
        Counting heard = new Counting();
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    accept(stream);
                    stream.pauseReading();
                    paused.set(stream);
                    return heard;
                });
                Socket client = server.connect()) {
            send(client, CONNECT);
            AtomicLong sent = new AtomicLong();
            Thread sender = Thread.ofVirtual().start(() -> send(client, sent));
            assertThat(awaitStandstill(sent)).isLessThan(TOTAL);
            assertThat(heard.bytes).hasValueLessThan(MIB);

            paused.get().eventLoop().execute(paused.get()::resumeReading);
            sender.join();
            await().untilAtomic(heard.bytes, is(TOTAL));
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aClientThatDoesNotReadStopsTheOwner(boolean epoll) throws Exception {
        AtomicLong written = new AtomicLong();
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    accept(stream);
                    Streaming writer = new Streaming(stream, written);
                    writer.onWritable();
                    return writer;
                });
                Socket client = server.connect()) {
            send(client, CONNECT);
            assertThat(awaitStandstill(written)).isLessThan(TOTAL);

            assertThat(client.getInputStream().readAllBytes()).hasSize((int) TOTAL + ACCEPTED.length());
        }
    }

    /// The proxy's port may have TLS of its own: its close_notify is an end by halves too.
    @Test
    void throughTlsEachSideEndsOnItsOwn() throws Exception {
        Issued issued = TestCertificates.authority("ca").leaf("a").dns("a").issue();
        // BoringSSL's binding ends both directions at once.
        SslContext tls = SslContextBuilder.forServer(issued.key(), issued.chain())
                .sslProvider(SslProvider.JDK)
                .build();
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (ListeningServer server = new ListeningServer(true, tls, TunnelSocketTest::echoAndSayBye);
                Socket plain = server.connect();
                SSLSocket client = (SSLSocket) trusting.getSocketFactory().createSocket(plain, "a", 1, true)) {
            client.setEnabledProtocols(new String[] {"TLSv1.3"});
            send(client, CONNECT + "early ");
            assertThat(read(client, ACCEPTED.length() + 6)).isEqualTo(ACCEPTED + "early ");
            send(client, "hello ");
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .isEqualTo("hello bye");
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void eachSideEndsOnItsOwn(boolean epoll) throws Exception {
        try (ListeningServer server = new ListeningServer(epoll, null, TunnelSocketTest::echoAndSayBye);
                Socket client = server.connect()) {
            send(client, CONNECT + "hello ");
            assertThat(read(client, ACCEPTED.length() + 6)).isEqualTo(ACCEPTED + "hello ");
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .isEqualTo("bye");
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aRefusedClientThatIsStillSendingGetsToReadWhy(boolean epoll) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    asked.incrementAndGet();
                    stream.writeHead(head(403), true);
                    stream.flush();
                    return new Silent();
                });
                Socket client = server.connect()) {
            send(client, (CONNECT + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n").repeat(100));

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .isEqualTo("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            assertThat(asked).hasValue(1);
        }
    }

    /// A reset of the endpoint is one for the client too: an orderly end could be taken for the whole.
    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aTunnelThatIsCutIsSeenAsCut(boolean epoll) throws Exception {
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    accept(stream);
                    return new Silent() {
                        @Override
                        public void onData(ByteBuf data, boolean end) {
                            data.release();
                            stream.eventLoop().execute(() -> stream.reset(StreamError.CONNECTION_CLOSED));
                        }
                    };
                });
                Socket client = server.connect()) {
            send(client, CONNECT);
            assertThat(read(client, ACCEPTED.length())).isEqualTo(ACCEPTED);
            send(client, "x");

            assertThatThrownBy(() -> client.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
        }
    }

    private static void accept(ServerStream stream) {
        stream.writeHead(head(200), false);
        stream.flush();
    }

    private static Silent echoAndSayBye(ServerStream stream) {
        accept(stream);
        return new Silent() {
            @Override
            public void onData(ByteBuf data, boolean end) {
                stream.writeData(data, false);
                if (end) {
                    stream.writeData(ServerHarness.ascii("bye"), true);
                }
            }

            @Override
            public void onReadComplete() {
                stream.flush();
            }
        };
    }

    /// Waits until a counter that moved has not for a while.
    private static long awaitStandstill(AtomicLong counter) {
        long[] last = {0};
        await().pollInterval(Duration.ofMillis(300)).until(() -> {
            long now = counter.get();
            boolean still = now > 0 && now == last[0];
            last[0] = now;
            return still;
        });
        return last[0];
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(ISO_8859_1));
        client.getOutputStream().flush();
    }

    private static void send(Socket client, AtomicLong sent) {
        try {
            OutputStream out = client.getOutputStream();
            byte[] block = new byte[64 * 1024];
            while (sent.get() < TOTAL) {
                out.write(block);
                sent.addAndGet(block.length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Socket client, int bytes) throws IOException {
        return new String(client.getInputStream().readNBytes(bytes), ISO_8859_1);
    }

    /// Counts and drops.
    private static final class Counting extends Silent {
        final AtomicLong bytes = new AtomicLong();
        final AtomicLong largest = new AtomicLong();
        final AtomicInteger ends = new AtomicInteger();

        @Override
        public void onData(ByteBuf data, boolean end) {
            largest.accumulateAndGet(data.readableBytes(), Math::max);
            bytes.addAndGet(data.readableBytes());
            data.release();
            if (end) {
                ends.incrementAndGet();
            }
        }
    }

    /// Writes as much as there is room for.
    private static final class Streaming extends Silent {
        private final ServerStream stream;
        private final AtomicLong written;

        Streaming(ServerStream stream, AtomicLong written) {
            this.stream = stream;
            this.written = written;
        }

        @Override
        public void onWritable() {
            while (stream.isWritable() && written.get() < TOTAL) {
                long now = written.addAndGet(16 * 1024);
                stream.writeData(ServerHarness.ascii("x".repeat(16 * 1024)), now == TOTAL);
            }
            stream.flush();
        }
    }
}
