package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.head;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What needs a real socket: closing by halves, resets, and sides that do not keep up. With both transports.
class ServerSocketTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final int MIB = 1 << 20;

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aClientThatClosesItsSideStillGetsAllResponses(boolean epoll) throws Exception {
        try (ListeningServer server = new ListeningServer(epoll, null, ServerSocketTest::answerLate);
                Socket client = server.connect()) {
            send(client, GET + GET);
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate"
                            + "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nlate");
        }
    }

    @Test
    void aTlsClientThatClosesItsSideStillGetsItsResponse() throws Exception {
        Issued issued = TestCertificates.authority("ca").leaf("a").dns("a").issue();
        SslContext tls = SslContextBuilder.forServer(issued.key(), issued.chain())
                .sslProvider(SslProvider.JDK)
                .build();
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (ListeningServer server = new ListeningServer(true, tls, ServerSocketTest::answerLate);
                Socket plain = server.connect();
                SSLSocket client = ListeningServer.secure(plain, "TLSv1.3")) {
            send(client, GET);
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .endsWith("late");
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aClientThatIsStillSendingGetsToReadTheEarlyResponse(boolean epoll) throws Exception {
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    stream.closeAfterResponse();
                    stream.writeHead(head(413), true);
                    stream.flush();
                    return new Silent();
                });
                Socket client = server.connect()) {
            send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
            Thread sender = Thread.ofVirtual().start(() -> sendUntilRefused(client));

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .isEqualTo("HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            client.close();
            sender.join();
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aCutResponseThatOnlyTheEndWouldDelimitIsSeenAsCut(boolean epoll) throws Exception {
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    stream.writeHead(head(200), false);
                    stream.writeData(ServerHarness.ascii("abc"), false);
                    stream.flush();
                    stream.eventLoop().schedule(() -> stream.reset(StreamError.CANCEL), 100, TimeUnit.MILLISECONDS);
                    return new Silent();
                });
                Socket client = server.connect()) {
            send(client, "GET / HTTP/1.0\r\n\r\n");

            assertThatThrownBy(() -> client.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aPausedBodyStopsTheSenderUntilItIsReadAgain(boolean epoll) throws Exception {
        AtomicLong received = new AtomicLong();
        AtomicReference<ServerStream> paused = new AtomicReference<>();
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    stream.pauseReading();
                    paused.set(stream);
                    return new Counting(received);
                });
                Socket client = server.connect()) {
            AtomicLong sent = new AtomicLong();
            long total = 64L * MIB;
            send(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + total + "\r\n\r\n");
            Thread sender = Thread.ofVirtual().start(() -> send(client, total, sent));
            long stuckAt = awaitStandstill(sent);

            assertThat(stuckAt).isLessThan(total);
            assertThat(received.get()).isLessThan(MIB);
            paused.get().eventLoop().execute(paused.get()::resumeReading);
            sender.join();
            await().untilAtomic(received, is(total));
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aClientThatDoesNotReadHoldsTheWriterBack(boolean epoll) throws Exception {
        AtomicLong written = new AtomicLong();
        long total = 64L * MIB;
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    Streaming writer = new Streaming(stream, total, written);
                    stream.writeHead(head(200), false);
                    writer.onWritable();
                    return writer;
                });
                Socket client = server.connect()) {
            send(client, "GET / HTTP/1.0\r\n\r\n");
            assertThat(awaitStandstill(written)).isLessThan(total);

            assertThat(client.getInputStream().readAllBytes()).hasSizeGreaterThan((int) total);
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void eachSideOfAnUpgradedConnectionEndsOnItsOwn(boolean epoll) throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    stream.writeHead(head(101), false);
                    stream.flush();
                    return new Silent() {
                        @Override
                        public void onData(ByteBuf data, boolean end) {
                            stream.writeData(data, false);
                            if (end) {
                                ended.set(true);
                                stream.writeData(ServerHarness.ascii("bye"), true);
                            }
                            stream.flush();
                        }
                    };
                });
                Socket client = server.connect()) {
            send(client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello");
            await().until(() -> client.getInputStream().available() > 0);
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .endsWith("\r\n\r\nhellobye");
            assertThat(ended).isTrue();
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void anUpgradedConnectionIsStillReadAfterItsOutputHasEnded(boolean epoll) throws Exception {
        AtomicLong received = new AtomicLong();
        try (ListeningServer server = new ListeningServer(epoll, null, stream -> {
                    stream.writeHead(head(101), false);
                    stream.writeData(ServerHarness.ascii("bye"), true);
                    return new Counting(received);
                });
                Socket client = server.connect()) {
            send(client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .endsWith("\r\n\r\nbye");
            send(client, "still here");

            await().untilAtomic(received, is(10L));
        }
    }

    /// A handler of TLS whose own side has ended reports the client's end with the client's next bytes.
    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void soIsOneWithinTls(SslProvider provider) throws Exception {
        AtomicLong received = new AtomicLong();
        AtomicBoolean ended = new AtomicBoolean();
        try (ListeningServer server = new ListeningServer(true, ListeningServer.tls(provider), stream -> {
                    stream.writeHead(head(101), false);
                    stream.writeData(ServerHarness.ascii("bye"), true);
                    return new Silent() {
                        @Override
                        public void onData(ByteBuf data, boolean end) {
                            received.addAndGet(data.readableBytes());
                            data.release();
                            ended.set(end);
                        }
                    };
                });
                Socket plain = server.connect();
                SSLSocket client = ListeningServer.secure(plain, "TLSv1.3")) {
            send(client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .endsWith("\r\n\r\nbye");
            send(client, "still ");
            await().untilAtomic(received, is(6L));
            send(client, "here");
            await().untilAtomic(received, is(10L));

            client.shutdownOutput();
            await().untilTrue(ended);
            await().until(server::hasClosed);
        }
    }

    /// The endpoint learns of the client's end before BoringSSL does, which then would encrypt nothing more.
    @ParameterizedTest
    @CsvSource({"JDK, TLSv1.3", "OPENSSL, TLSv1.2"})
    void aTunnelWithinTlsEndsByHalves(SslProvider provider, String protocol) throws Exception {
        try (ListeningServer server = new ListeningServer(true, ListeningServer.tls(provider), stream -> {
                    stream.writeHead(head(200), false);
                    stream.flush();
                    return new Silent() {
                        @Override
                        public void onData(ByteBuf data, boolean end) {
                            stream.writeData(data, false);
                            stream.flush();
                            if (end) {
                                stream.eventLoop()
                                        .schedule(
                                                () -> stream.writeData(ServerHarness.ascii("bye"), true),
                                                100,
                                                TimeUnit.MILLISECONDS);
                            }
                        }
                    };
                });
                Socket plain = server.connect();
                SSLSocket client = ListeningServer.secure(plain, protocol)) {
            send(client, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nhello");
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .endsWith("\r\n\r\nhellobye");
            await().until(server::hasClosed);
        }
    }

    private static Silent answerLate(ServerStream stream) {
        stream.eventLoop()
                .schedule(
                        () -> {
                            stream.writeHead(head(200, "content-length", "4"), false);
                            stream.writeData(ServerHarness.ascii("late"), true);
                            stream.flush();
                        },
                        100,
                        TimeUnit.MILLISECONDS);
        return new Silent();
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

    private static void send(Socket client, long total, AtomicLong sent) {
        try {
            OutputStream out = client.getOutputStream();
            byte[] block = new byte[64 * 1024];
            while (sent.get() < total) {
                out.write(block);
                sent.addAndGet(block.length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sendUntilRefused(Socket client) {
        try {
            while (true) {
                client.getOutputStream().write(new byte[64 * 1024]);
            }
        } catch (IOException e) {
            // The server has gone, as it said.
        }
    }

    /// Counts and drops.
    private static final class Counting extends Silent {
        private final AtomicLong received;

        Counting(AtomicLong received) {
            this.received = received;
        }

        @Override
        public void onData(ByteBuf data, boolean end) {
            received.addAndGet(data.readableBytes());
            data.release();
        }
    }

    /// Writes as much as there is room for.
    private static final class Streaming extends Silent {
        private final ServerStream stream;
        private final long total;
        private final AtomicLong written;

        Streaming(ServerStream stream, long total, AtomicLong written) {
            this.stream = stream;
            this.total = total;
            this.written = written;
        }

        @Override
        public void onWritable() {
            while (stream.isWritable() && written.get() < total) {
                long now = written.addAndGet(16 * 1024);
                stream.writeData(Unpooled.wrappedBuffer(new byte[16 * 1024]), now == total);
            }
            stream.flush();
        }
    }
}
