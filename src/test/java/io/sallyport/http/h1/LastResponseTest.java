package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.head;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslProvider;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The last response of a connection is read to its end, whatever its client sends once the kernel has taken all of it.
/// A socket that is closed would answer that by RST, and drop what is still to be transmitted.
@Timeout(60)
class LastResponseTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    /// More than the client's kernel takes, less than the server's does.
    private static final int LENGTH = 200_000;

    /// Why the response is the last.
    private enum Cause {
        CLOSE("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        HTTP_10("GET / HTTP/1.0\r\n\r\n"),
        THE_SERVER(GET);

        private final String request;

        Cause(String request) {
            this.request = request;
        }
    }

    private static StreamListener answer(ServerStream stream) {
        stream.closeAfterResponse();
        stream.writeHead(head(200, "content-length", Integer.toString(LENGTH)), false);
        stream.writeData(Unpooled.wrappedBuffer(new byte[LENGTH]), true);
        stream.flush();
        return new Silent();
    }

    /// One that has room for little.
    private static Socket connect(ListeningServer server) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(20_000);
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        return socket;
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static void assertWhole(Socket client) throws IOException {
        String answer = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
        assertThat(answer).startsWith("HTTP/1.1 200 OK");
        assertThat(answer.length() - answer.indexOf("\r\n\r\n") - 4).isEqualTo(LENGTH);
    }

    @ParameterizedTest
    @EnumSource
    void overTcp(Cause cause) throws Exception {
        try (ListeningServer server = new ListeningServer(true, null, LastResponseTest::answer);
                Socket client = connect(server)) {
            send(client, cause.request);
            await().until(server::hasEndedOutput);
            send(client, GET);
            client.shutdownOutput();

            assertWhole(client);
            await().until(server::hasClosed);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withBothTransports(boolean epoll) throws Exception {
        try (ListeningServer server = new ListeningServer(epoll, null, LastResponseTest::answer);
                Socket client = connect(server)) {
            send(client, GET);
            await().until(server::hasEndedOutput);
            send(client, GET);

            assertWhole(client);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "JDK, TLSv1.2, false", "JDK, TLSv1.3, false", "OPENSSL, TLSv1.2, false", "OPENSSL, TLSv1.3, false",
        "JDK, TLSv1.2, true", "JDK, TLSv1.3, true", "OPENSSL, TLSv1.2, true", "OPENSSL, TLSv1.3, true"
    })
    void overTls(SslProvider provider, String protocol, boolean closeNotify) throws Exception {
        try (ListeningServer server =
                        new ListeningServer(true, ListeningServer.tls(provider), LastResponseTest::answer);
                Socket plain = connect(server);
                SSLSocket client = ListeningServer.secure(plain, protocol)) {
            send(client, GET);
            await().until(server::hasEndedOutput);
            if (closeNotify) {
                client.shutdownOutput();
            } else {
                send(client, GET);
                send(client, GET);
            }

            assertWhole(client);
            client.close();
            await().until(server::hasClosed);
        }
    }

    /// The end within TLS comes before TCP's.
    @ParameterizedTest
    @EnumSource(names = {"JDK", "OPENSSL"})
    void closeNotifyIsSentFirst(SslProvider provider) throws Exception {
        try (ListeningServer server =
                        new ListeningServer(true, ListeningServer.tls(provider), LastResponseTest::answer);
                Socket plain = connect(server);
                SSLSocket client = ListeningServer.secure(plain, "TLSv1.3")) {
            send(client, GET);
            // Fails where FIN comes without close_notify.
            assertWhole(client);
            assertThat(plain.getInputStream().read()).as("FIN").isNegative();
        }
    }

    @Test
    void aRefusedRequest() throws Exception {
        try (ListeningServer server = new ListeningServer(true, null, _ -> new Silent());
                Socket client = connect(server)) {
            send(client, "nonsense\r\n\r\n");
            await().until(server::hasEndedOutput);
            send(client, GET);

            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    /// The client is to learn what there was.
    @Test
    void oneThatIsCut() throws Exception {
        try (ListeningServer server = new ListeningServer(true, null, stream -> {
                    stream.writeHead(head(200, "content-length", Integer.toString(2 * LENGTH)), false);
                    stream.writeData(Unpooled.wrappedBuffer(new byte[LENGTH]), false);
                    stream.reset(StreamError.CANCEL);
                    return new Silent();
                });
                Socket client = connect(server)) {
            send(client, GET);
            await().until(server::hasEndedOutput);
            send(client, GET);

            assertWhole(client);
        }
    }

    /// Whoever has cut it has said the last word: nothing is written behind.
    @Test
    void oneThatIsCutWithinABrokenBody() throws Exception {
        try (ListeningServer server = new ListeningServer(true, null, stream -> {
                    stream.writeHead(head(200, "content-length", Integer.toString(2 * LENGTH)), false);
                    stream.writeData(Unpooled.wrappedBuffer(new byte[LENGTH]), false);
                    return new Silent() {
                        @Override
                        public void onData(ByteBuf data, boolean end) {
                            data.release();
                            stream.reset(StreamError.CANCEL);
                        }
                    };
                });
                Socket client = connect(server)) {
            send(client, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n");

            assertWhole(client);
        }
    }

    @Test
    void aClientThatStaysIsNotWaitedForLong() throws Exception {
        try (ListeningServer server = new ListeningServer(true, null, LastResponseTest::answer);
                Socket client = connect(server)) {
            send(client, GET);
            assertWhole(client);

            await().atMost(Http1Options.DEFAULT.discardTime().multipliedBy(5)).until(server::hasClosed);
        }
    }

    @ParameterizedTest
    @CsvSource({"JDK, TLSv1.2", "JDK, TLSv1.3", "OPENSSL, TLSv1.2", "OPENSSL, TLSv1.3"})
    void norIsOneWithinTls(SslProvider provider, String protocol) throws Exception {
        try (ListeningServer server =
                        new ListeningServer(true, ListeningServer.tls(provider), LastResponseTest::answer);
                Socket plain = connect(server);
                SSLSocket client = ListeningServer.secure(plain, protocol)) {
            send(client, GET);
            assertWhole(client);

            await().atMost(Http1Options.DEFAULT.discardTime().multipliedBy(5)).until(server::hasClosed);
        }
    }

    /// A message may be as long as a close_notify, and the last.
    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, 1",
        "TLSv1.3, 2",
        "TLSv1.3, 18",
        "TLSv1.2, 2",
        "TLSv1.2, 10",
        "TLSv1.2, 11",
        "TLSv1.2, 12",
    })
    void theLastBytesOfASwitchedConnectionThatEndsWithFinAlone(String protocol, int size) throws Exception {
        AtomicInteger got = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<ServerStream> switched = new CompletableFuture<>();
        try (ListeningServer server = new ListeningServer(true, ListeningServer.tls(SslProvider.OPENSSL), stream -> {
                    stream.writeHead(head(101, "upgrade", "x", "connection", "upgrade"), false);
                    stream.flush();
                    switched.complete(stream);
                    return new Silent() {
                        @Override
                        public void onData(ByteBuf data, boolean end) {
                            got.addAndGet(data.readableBytes());
                            super.onData(data, end);
                            if (end) {
                                over.countDown();
                            }
                        }

                        @Override
                        public void onReset(StreamError error, String details) {
                            over.countDown();
                        }
                    };
                });
                Socket plain = connect(server);
                SSLSocket client = ListeningServer.secure(plain, protocol)) {
            send(client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
            assertThat(client.getInputStream().read(new byte[1_000])).isPositive();
            CountDownLatch sent = new CountDownLatch(1);
            switched.get().eventLoop().submit(() -> sent.await(20, TimeUnit.SECONDS));
            client.getOutputStream().write(new byte[size]);
            plain.shutdownOutput();
            sent.countDown();

            assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(got).hasValue(size);
        }
    }
}
