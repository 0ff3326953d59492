package io.sallyport.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.identity.TlsRejection;
import io.sallyport.tls.ClientHello;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tunnel.Loopback;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// A port that terminates TLS with whatever context is current, and sends back what it gets.
final class TlsPort implements AutoCloseable {
    final AtomicReference<DownstreamTlsContext> context = new AtomicReference<>();
    final BlockingQueue<ConnectionInfo.Tls> secured = new LinkedBlockingQueue<>();
    final List<TlsRejection> failures = new CopyOnWriteArrayList<>();
    final InetSocketAddress address;
    private final Loopback loopback = new Loopback(false);

    TlsPort(DownstreamTlsContext first) {
        context.set(first);
        HandshakeObserver observer = new HandshakeObserver() {
            @Override
            public void onFailed(ClientHello hello, TlsRejection reason, Throwable cause) {
                failures.add(reason);
            }
        };
        address = loopback.listen(channel -> channel.pipeline()
                .addLast(new ClientHelloRouter(
                        _ -> new FilterChainTarget.Terminate(context.get(), this::echo),
                        Duration.ofSeconds(10),
                        observer)));
    }

    private void echo(Channel channel, ConnectionInfo.Tls tls) {
        secured.add(tls);
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                context.writeAndFlush(((ByteBuf) message));
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                context.close();
            }
        });
    }

    /// Connects, shakes hands and has one byte sent back, so that TLS 1.3's late refusals are seen too.
    SSLSocket connect(SSLContext client, String protocol) throws IOException {
        SSLSocket socket = open(client, protocol);
        try {
            exchange(socket);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /// Connects without a handshake.
    SSLSocket open(SSLContext client, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(address.getAddress(), address.getPort());
        socket.setSoTimeout(10_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {protocol});
        parameters.setServerNames(List.of(new SNIHostName("api.example.com")));
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        return socket;
    }

    static void exchange(SSLSocket socket) throws IOException {
        socket.getOutputStream().write('x');
        if (socket.getInputStream().read() != 'x') {
            throw new IOException("not sent back");
        }
    }

    @Override
    public void close() {
        loopback.close();
    }
}
