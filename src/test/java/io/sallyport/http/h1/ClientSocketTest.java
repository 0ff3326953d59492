package io.sallyport.http.h1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How endpoints end a connection, on real sockets: the ways that look alike without one.
class ClientSocketTest {
    private static final String UNTIL_CLOSE = "HTTP/1.1 200 OK\r\n\r\nabc";
    private static final Issued ISSUED =
            TestCertificates.authority("ca").leaf("a").dns("a").issue();

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    /// What the endpoint does with an accepted connection, before the test's thread goes on.
    private interface Endpoint {
        void serve(Socket plain) throws Exception;
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void anOrderlyEndCompletesABodyThatItDelimits(boolean epoll) throws Exception {
        exchange(epoll, false, plain -> {
            answer(plain);
            plain.close();
        });
        assertThat(events).containsExactly("draining", "head 200", "abc", "end", "closed");
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void aResetCutsIt(boolean epoll) throws Exception {
        exchange(epoll, false, plain -> {
            answer(plain);
            await("abc");
            plain.setSoLinger(true, 0);
            plain.close();
        });
        assertThat(events).containsExactly("draining", "head 200", "abc", "reset CONNECTION_CLOSED", "closed");
    }

    @Test
    void closeNotifyCompletesItOverTls() throws Exception {
        exchange(true, true, plain -> {
            try (SSLSocket tls = accept(plain)) {
                answer(tls);
            }
        });
        assertThat(events).containsExactly("draining", "head 200", "abc", "end", "closed");
    }

    @Test
    void anEndWithoutCloseNotifyCutsItOverTls() throws Exception {
        exchange(true, true, plain -> {
            answer(accept(plain));
            plain.close();
        });
        assertThat(events).containsExactly("draining", "head 200", "abc", "reset CONNECTION_CLOSED", "closed");
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void anEndInsteadOfAResponseIsToldSo(boolean epoll) throws Exception {
        exchange(epoll, false, plain -> {
            plain.getInputStream().read();
            plain.close();
        });
        assertThat(events).containsExactly("reset CONNECTION_CLOSED", "closed");
    }

    private static void answer(Socket socket) throws IOException {
        socket.getInputStream().read();
        socket.getInputStream().skip(socket.getInputStream().available());
        socket.getOutputStream().write(UNTIL_CLOSE.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static SSLSocket accept(Socket plain) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(ISSUED.keyManagers().getKeyManagers(), null, null);
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, null, false);
        tls.setUseClientMode(false);
        tls.startHandshake();
        return tls;
    }

    private void await(String event) {
        org.awaitility.Awaitility.await().until(() -> events.contains(event));
    }

    /// One GET against the endpoint, up to the connection's end.
    @SuppressWarnings("deprecation") // the groups of Netty 4.1
    private void exchange(boolean epoll, boolean tls, Endpoint endpoint) throws Exception {
        EventLoopGroup group = epoll ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            SslContext context = SslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .build();
            Recorder recorder = new Recorder();
            Http1ClientConnection connection = new Http1ClientConnection(HttpLimits.DEFAULT, recorder);
            Channel channel = new Bootstrap()
                    .group(group)
                    .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel made) {
                            if (tls) {
                                made.pipeline().addLast(context.newHandler(made.alloc()));
                            }
                            made.pipeline().addLast(connection);
                        }
                    })
                    .connect(server.getLocalSocketAddress())
                    .syncUninterruptibly()
                    .channel();
            channel.eventLoop().execute(() -> connection
                    .open(ClientHarness.request("GET", "/"), true, recorder)
                    .flush());
            try (Socket plain = server.accept()) {
                endpoint.serve(plain);
                await("closed");
            }
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private final class Recorder implements ClientConnection.Owner, ResponseListener {
        @Override
        public void onInformational(int status, Headers headers) {}

        @Override
        public void onHead(ResponseHead head, boolean end) {
            events.add("head " + head.status);
        }

        @Override
        public void onData(ByteBuf data, boolean end) {
            if (data.isReadable()) {
                events.add(data.toString(ISO_8859_1));
            }
            data.release();
            if (end) {
                events.add("end");
            }
        }

        @Override
        public void onTrailers(Headers trailers) {}

        @Override
        public void onReset(StreamError error, String details) {
            events.add("reset " + error);
        }

        @Override
        public void onWritable() {}

        @Override
        public void onReadComplete() {}

        @Override
        public void onAvailable(ClientConnection connection) {
            events.add("available");
        }

        @Override
        public void onDraining(ClientConnection connection) {
            events.add("draining");
        }

        @Override
        public void onClosed(ClientConnection connection) {
            events.add("closed");
        }
    }
}
