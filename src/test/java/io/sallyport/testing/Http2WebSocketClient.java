package io.sallyport.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
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
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/// A client that opens WebSockets on one HTTP/2 connection (RFC 8441), many at a time.
public final class Http2WebSocketClient implements AutoCloseable {
    private static final int LARGEST_FRAME = 8 << 20;
    private static final int PATIENCE_SECONDS = 20;

    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final Channel channel;
    private final CompletableFuture<Http2Settings> settings = new CompletableFuture<>();
    private final String scheme;

    private Http2WebSocketClient(int port, SslContext tls) {
        scheme = tls == null ? "http" : "https";
        channel = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        if (tls != null) {
                            connection.pipeline().addLast(tls.newHandler(connection.alloc(), "localhost", port));
                        }
                        connection
                                .pipeline()
                                .addLast(Http2FrameCodecBuilder.forClient().build())
                                .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()))
                                .addLast(new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                                        if (message instanceof Http2SettingsFrame frame) {
                                            settings.complete(frame.settings());
                                        }
                                    }
                                });
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port)
                .syncUninterruptibly()
                .channel();
    }

    public static Http2WebSocketClient plain(int port) {
        return new Http2WebSocketClient(port, null);
    }

    public static Http2WebSocketClient tls(int port, TestCertificates authority) {
        try {
            return new Http2WebSocketClient(
                    port,
                    SslContextBuilder.forClient()
                            .trustManager(authority.certificate())
                            .sslProvider(SslProvider.JDK)
                            .applicationProtocolConfig(new ApplicationProtocolConfig(
                                    ApplicationProtocolConfig.Protocol.ALPN,
                                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                    "h2"))
                            .build());
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Those that the server sent first; waits for them.
    public Http2Settings settings() throws Exception {
        return settings.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /// Sends an extended CONNECT for a WebSocket.
    ///
    /// @param more names and values of further fields
    public WebSocketStream open(String authority, String path, String... more) throws Exception {
        Http2Headers head = new DefaultHttp2Headers()
                .method("CONNECT")
                .scheme(scheme)
                .authority(authority)
                .path(path)
                .add(":protocol", "websocket")
                .add("sec-websocket-version", "13");
        for (int i = 0; i < more.length; i += 2) {
            head.set(more[i], more[i + 1]);
        }
        return open(head, false);
    }

    public WebSocketStream open(Http2Headers head, boolean end) throws Exception {
        WebSocketStream opened = new WebSocketStream();
        opened.stream = new Http2StreamChannelBootstrap(channel)
                .handler(opened.receiver())
                .open()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        opened.stream.writeAndFlush(new DefaultHttp2HeadersFrame(head, end));
        return opened;
    }

    public boolean isOpen() {
        return channel.isActive();
    }

    @Override
    public void close() {
        if (loop.isShuttingDown()) {
            return;
        }
        channel.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /// One stream: an answer, then messages or, where it is no WebSocket, a body; then its end.
    public static final class WebSocketStream {
        private final CompletableFuture<Http2Headers> head = new CompletableFuture<>();
        private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final CompletableFuture<String> end = new CompletableFuture<>();
        private Http2StreamChannel stream;

        private ChannelInboundHandlerAdapter receiver() {
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    receive(ctx, message);
                }

                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    ended(event);
                    ctx.fireUserEventTriggered(event);
                }

                @Override
                public void channelInactive(ChannelHandlerContext ctx) {
                    end.complete("closed");
                    ctx.fireChannelInactive();
                }
            };
        }

        private void receive(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2HeadersFrame frame) {
                boolean switched = "200".contentEquals(frame.headers().status());
                if (switched) {
                    ctx.pipeline()
                            .addLast(
                                    new StreamBytes(),
                                    new WebSocket13FrameDecoder(false, true, LARGEST_FRAME),
                                    new WebSocket13FrameEncoder(true));
                } else {
                    ctx.pipeline().addLast(new StreamBytes());
                }
                ctx.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext at, Object content) {
                        keep(content);
                    }

                    @Override
                    public void userEventTriggered(ChannelHandlerContext at, Object event) {
                        ended(event);
                    }
                });
                head.complete(frame.headers());
                if (frame.isEndStream()) {
                    end.complete("end");
                }
            } else {
                ctx.fireChannelRead(message);
            }
        }

        private void keep(Object content) {
            if (content instanceof TextWebSocketFrame text) {
                messages.add(text.text());
                text.release();
            } else if (content instanceof WebSocketFrame frame) {
                messages.add(ByteBufUtil.getBytes(frame.content()));
                frame.release();
            } else if (content instanceof ByteBuf bytes) {
                body.writeBytes(ByteBufUtil.getBytes(bytes));
                bytes.release();
            }
        }

        private void ended(Object event) {
            if (event instanceof Http2ResetFrame reset) {
                end.complete("reset " + reset.errorCode());
            } else if (event == ChannelInputShutdownEvent.INSTANCE) {
                end.complete("end");
            }
        }

        /// The answer's fields; waits for them.
        public Http2Headers head() throws Exception {
            return CompletableFuture.anyOf(head, end)
                    .thenApply(first -> head.getNow(null))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        public String status() throws Exception {
            Http2Headers fields = head();
            return fields == null ? null : fields.status().toString();
        }

        /// The next message, a String or a byte array; waits for it.
        public Object message() throws InterruptedException {
            return messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        /// How the other side ended: `end`, `reset 8` or, with the connection, `closed`; waits for it.
        public String end() throws Exception {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        /// What came after an answer that was no switch; waits for its end.
        public String body() throws Exception {
            end();
            return body.toString(StandardCharsets.UTF_8);
        }

        /// Messages are sent once the answer is there.
        public void text(String text) throws Exception {
            head();
            stream.writeAndFlush(new TextWebSocketFrame(text)).syncUninterruptibly();
        }

        public void binary(byte[] bytes) throws Exception {
            head();
            stream.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
        }

        public void closing(int status) throws Exception {
            head();
            stream.writeAndFlush(new CloseWebSocketFrame(status, "done")).syncUninterruptibly();
        }

        /// Ends this side of the stream.
        public void finish() {
            stream.writeAndFlush(new DefaultHttp2DataFrame(true)).syncUninterruptibly();
        }

        public void reset() {
            stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL)).syncUninterruptibly();
        }
    }
}
