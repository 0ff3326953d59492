package io.sallyport.testing;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/// An endpoint that speaks HTTP/2 and nothing else, and WebSocket over it (RFC 8441). The path says what it does
/// with a WebSocket: `/refuse` is 403, `/bye` says so and ends its side, `/reset` answers the first message by
/// resetting the stream, any other sends back every frame and ends its side when the client does.
public final class Http2WebSocketUpstream implements AutoCloseable {
    private static final int LARGEST_FRAME = 8 << 20;

    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final Channel server;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    private final AtomicInteger open = new AtomicInteger();

    private Http2WebSocketUpstream(Http2Settings settings, SslContext tls) {
        server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(Http2FrameCodecBuilder.forServer()
                                        .initialSettings(settings)
                                        .build())
                                .addLast(new Http2MultiplexHandler(new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel stream) {
                                        stream.pipeline().addLast(new Stream());
                                    }
                                }))
                                .addLast(new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable refused) {
                                        ctx.close();
                                    }
                                });
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    /// @param announces whether its SETTINGS allow the extended CONNECT
    public static Http2WebSocketUpstream start(boolean announces) {
        return new Http2WebSocketUpstream(settings(announces), null);
    }

    /// Over TLS, where it agrees to `h2` alone and refuses the handshake of others.
    public static Http2WebSocketUpstream startTls(boolean announces, Issued identity) {
        try {
            return new Http2WebSocketUpstream(
                    settings(announces),
                    SslContextBuilder.forServer(identity.key(), identity.chain().toArray(X509Certificate[]::new))
                            .sslProvider(SslProvider.JDK)
                            .applicationProtocolConfig(new ApplicationProtocolConfig(
                                    ApplicationProtocolConfig.Protocol.ALPN,
                                    ApplicationProtocolConfig.SelectorFailureBehavior.FATAL_ALERT,
                                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                    "h2"))
                            .build());
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @param streams that it allows on a connection, WebSockets among them
    public static Http2WebSocketUpstream allowing(int streams) {
        return new Http2WebSocketUpstream(settings(true).maxConcurrentStreams(streams), null);
    }

    private static Http2Settings settings(boolean announces) {
        return announces ? new Http2Settings().connectProtocolEnabled(true) : new Http2Settings();
    }

    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /// The heads that came, a field a line.
    public List<String> heads() {
        return heads;
    }

    /// Streams that are open now.
    public int openStreams() {
        return open.get();
    }

    /// How the next stream ended that has: `end` or `reset 8`; waits for it.
    public String nextEnd() throws InterruptedException {
        return ends.poll(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Stream extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            open.incrementAndGet();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            open.decrementAndGet();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2HeadersFrame head) {
                answer(ctx, head.headers());
            } else {
                ctx.fireChannelRead(message);
            }
        }

        private void answer(ChannelHandlerContext ctx, Http2Headers head) {
            StringBuilder text = new StringBuilder();
            head.forEach(field -> text.append(field.getKey())
                    .append(": ")
                    .append(field.getValue())
                    .append('\n'));
            heads.add(text.toString());
            String path = head.path().toString();
            if (!"websocket".contentEquals(head.get(":protocol", ""))) {
                respond(ctx, "200", "plain");
            } else if (path.startsWith("/refuse")) {
                respond(ctx, "403", "no");
            } else {
                Http2Headers accepted = new DefaultHttp2Headers().status("200");
                if (head.contains("sec-websocket-protocol")) {
                    accepted.add("sec-websocket-protocol", "chat.v2");
                }
                ctx.writeAndFlush(new DefaultHttp2HeadersFrame(accepted));
                talk(ctx, path);
            }
        }

        private void talk(ChannelHandlerContext ctx, String path) {
            if (path.startsWith("/bye")) {
                ctx.writeAndFlush(new DefaultHttp2DataFrame(
                        Unpooled.copiedBuffer("\u0081\u0003bye", StandardCharsets.ISO_8859_1), true));
            }
            ctx.pipeline()
                    .addLast(
                            new StreamBytes(),
                            new WebSocket13FrameDecoder(true, true, LARGEST_FRAME),
                            new WebSocket13FrameEncoder(false),
                            new Echo(path.startsWith("/reset")));
        }

        private static void respond(ChannelHandlerContext ctx, String status, String body) {
            ctx.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status(status)));
            ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII), true));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame reset) {
                ends.add("reset " + reset.errorCode());
            }
            ctx.fireUserEventTriggered(event);
        }
    }

    private final class Echo extends ChannelInboundHandlerAdapter {
        private final boolean resets;
        private boolean ended;

        Echo(boolean resets) {
            this.resets = resets;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            WebSocketFrame frame = (WebSocketFrame) message;
            if (resets) {
                frame.release();
                ctx.write(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
            } else {
                ctx.write(frame);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE && !ended) {
                ended = true;
                ends.add("end");
                ctx.channel().writeAndFlush(new DefaultHttp2DataFrame(true));
            }
        }
    }
}
