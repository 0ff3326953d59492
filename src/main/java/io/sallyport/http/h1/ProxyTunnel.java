package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/// Asks the peer of a connected channel for a tunnel, by CONNECT (RFC 9110, 9.3.6) or by a POST whose request and
/// response bodies are the two directions, as Envoy's `TcpProxy.TunnelingConfig` does. Until the peer has agreed
/// nothing passes; after that the channel's later handlers see the tunnel's bytes, among them any that came with the
/// response's head. The channel need not read by itself.
public final class ProxyTunnel extends ChannelDuplexHandler {
    private static final int MOST_INTERIM = 16;
    private static final int HEAD_BYTES = 16 * 1024;
    private static final HttpLimits LIMITS = HttpLimits.DEFAULT.withHeadBytes(HEAD_BYTES);
    private static final AsciiString CHUNKED = AsciiString.cached("chunked");

    /// Is notified once of the peer's answer, unless the listener itself closes the channel before.
    public interface Listener {
        /// Handlers that are added in this call get the tunnel's bytes.
        void onOpen();

        /// @param details in snake_case
        /// @param decided the proxy does not want the client there (4xx), so that asking again is of no use
        void onRefused(String details, boolean decided);
    }

    private final String method;
    private final String target;
    private final Listener listener;
    private final Http1ResponseParser parser = new Http1ResponseParser(LIMITS);
    private int interim;
    private boolean over;
    private @Nullable TunnelFraming framing;

    private ProxyTunnel(String method, String target, Listener listener) {
        this.method = method;
        this.target = target;
        this.listener = listener;
    }

    /// @param target host and port
    public static ProxyTunnel connect(String target, Listener listener) {
        return new ProxyTunnel("CONNECT", target, listener);
    }

    /// @param target host and port, as the Host field has them
    public static ProxyTunnel post(String target, Listener listener) {
        return new ProxyTunnel("POST", target, listener);
    }

    private boolean isPost() {
        return method.equals("POST");
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        HeadWriter head = HeadWriter.begin().put(method).put(' ').put(isPost() ? "/" : target);
        head.put(" HTTP/1.1").crlf().field(HeaderNames.HOST, AsciiString.of(target));
        if (isPost()) {
            head.field(HeaderNames.TRANSFER_ENCODING, CHUNKED);
        }
        head.crlf();
        ByteBuf out = context.alloc().ioBuffer(head.length());
        head.writeTo(out);
        context.writeAndFlush(out, context.voidPromise());
        context.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (framing != null) {
            framing.read(context, (ByteBuf) message);
            return;
        }
        ByteBuf in = (ByteBuf) message;
        try {
            while (!over && in.isReadable()) {
                ResponseHead head = parser.read(in, method);
                if (head != null) {
                    onHead(context, head, in);
                }
            }
        } catch (MalformedMessage broken) {
            refuse(broken.status() == 431 ? "tunnel_response_too_large" : "tunnel_response_malformed");
        } finally {
            in.release();
        }
    }

    private void onHead(ChannelHandlerContext context, ResponseHead head, ByteBuf in) {
        int status = head.status;
        if (status / 100 == 1 && status != 101) {
            if (++interim > MOST_INTERIM) {
                refuse("tunnel_response_malformed");
            }
        } else if (status / 100 != 2) {
            refuse("tunnel_refused_with_" + status, status / 100 == 4);
        } else {
            over = true;
            framing = isPost() ? new TunnelFraming(parser.contentLength()) : null;
            listener.onOpen();
            passOn(context, in);
        }
    }

    /// What arrived behind the head belongs to the tunnel.
    private void passOn(ChannelHandlerContext context, ByteBuf in) {
        TunnelFraming current = framing;
        ByteBuf rest = in.readRetainedSlice(in.readableBytes());
        if (current != null) {
            current.read(context, rest);
            return;
        }
        if (rest.isReadable()) {
            context.fireChannelRead(rest);
        } else {
            rest.release();
        }
        context.pipeline().remove(this);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (over) {
            context.fireChannelReadComplete();
        } else {
            context.read();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (framing != null && message instanceof ByteBuf data) {
            framing.write(context, data, promise);
        } else {
            context.write(message, promise);
        }
    }

    /// Ends the bytes towards the peer where they go through a tunnel that ends otherwise than its connection does, by
    /// POST; the other direction goes on.
    ///
    /// @return false where the channel's own output is to be ended
    public static boolean endOutput(Channel channel) {
        ChannelHandlerContext context = channel.pipeline().context(ProxyTunnel.class);
        TunnelFraming framing = context == null ? null : ((ProxyTunnel) context.handler()).framing;
        if (context == null || framing == null) {
            return false;
        }
        framing.endOutput(context);
        return true;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        boolean end = ChannelClosing.isEndOfInput(context.channel(), event);
        if (end && !over) {
            refuse("tunnel_closed_before_response");
        } else if (end && framing != null) {
            framing.onEndOfInput(context);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!over) {
            refuse("tunnel_closed_before_response");
        } else if (framing != null && framing.isCut()) {
            context.fireExceptionCaught(TunnelFraming.cut());
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (over) {
            context.fireExceptionCaught(cause);
        } else {
            refuse("tunnel_closed_before_response");
        }
    }

    private void refuse(String details) {
        refuse(details, false);
    }

    private void refuse(String details, boolean decided) {
        if (!over) {
            over = true;
            listener.onRefused(details, decided);
        }
    }
}
