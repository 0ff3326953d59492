package io.sallyport.http.h1;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.OpenSslServerContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.InputGate;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamListener;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// Downstream connections on a real socket; each request's listener comes from the test and runs on the event loop.
final class ListeningServer implements RequestReceiver, AutoCloseable {
    /// Enough for the kernel to take a large answer from the server before its client has read any.
    private static final int SEND_BUFFER = 1 << 20;

    private static final Issued ISSUED =
            TestCertificates.authority("ca").leaf("a").dns("a").issue();

    private final EventLoopGroup group;
    private final Channel channel;
    private final Function<ServerStream, StreamListener> handler;
    private final AtomicReference<Channel> accepted = new AtomicReference<>();

    /// @param tls null for plain text
    @SuppressWarnings("deprecation") // the groups of Netty 4.1
    ListeningServer(boolean epoll, SslContext tls, Function<ServerStream, StreamListener> handler) {
        this.handler = handler;
        group = epoll ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
        channel = new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        accepted.set(child);
                        if (tls instanceof OpenSslServerContext) {
                            child.pipeline().addLast(new InputGate());
                        }
                        if (tls != null) {
                            child.pipeline().addLast(tls.newHandler(child.alloc()));
                        }
                        var info = new ConnectionInfo(1, child.remoteAddress(), child.localAddress(), null);
                        child.pipeline()
                                .addLast(new Http1ServerConnection(
                                        ListeningServer.this, info, HttpLimits.DEFAULT, Http1Options.DEFAULT));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    static SslContext tls(SslProvider provider) throws IOException {
        return SslContextBuilder.forServer(ISSUED.key(), ISSUED.chain())
                .sslProvider(provider)
                .build();
    }

    /// The client's side of such a connection; verifies nothing.
    static SSLSocket secure(Socket plain, String protocol) throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        SSLSocket client = (SSLSocket) trusting.getSocketFactory().createSocket(plain, "a", 1, true);
        client.setEnabledProtocols(new String[] {protocol});
        client.startHandshake();
        return client;
    }

    /// The last connection has nothing more to send that its kernel has not taken.
    boolean hasEndedOutput() {
        return accepted.get() instanceof DuplexChannel child && (!child.isOpen() || child.isOutputShutdown());
    }

    boolean hasClosed() {
        return !accepted.get().isOpen();
    }

    Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(channel.localAddress());
        socket.setSoTimeout(20_000);
        return socket;
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        return handler.apply(stream);
    }

    @Override
    public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
        stream.writeHead(new ResponseHead(status, new Headers(0)), true);
        stream.flush();
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
