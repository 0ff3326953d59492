package io.sallyport.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.http.InputGate;
import io.sallyport.identity.TlsRejection;
import io.sallyport.tls.ClientHello;
import io.sallyport.tls.ClientHelloReader;
import io.sallyport.tls.TlsGroups;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// The first handler of a connection to a TLS port. Holds the ClientHello back, in however many pieces it comes, until
/// the filter chain is known by it; the handler that takes over then reads it from its first byte.
public final class ClientHelloRouter extends SslClientHelloHandler<Optional<FilterChainTarget>> {
    /// Alert record (21), TLS 1.2 as all records say, two bytes: fatal, unrecognized_name (RFC 6066 section 9).
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

    /// The same with no_application_protocol (RFC 7301 section 3.2).
    private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

    private final Function<ClientHello, @Nullable FilterChainTarget> chooser;
    private final HandshakeObserver observer;
    private final long timeoutNanos;
    private final long start = System.nanoTime();
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable ClientHello hello;
    private boolean decided;

    /// @param chooser gives null where no chain takes the connection: the client gets the alert `unrecognized_name`
    /// @param timeout from the accepted connection to the end of the handshake
    public ClientHelloRouter(
            Function<ClientHello, @Nullable FilterChainTarget> chooser, Duration timeout, HandshakeObserver observer) {
        super(ClientHelloReader.MAX_BYTES);
        this.chooser = chooser;
        this.observer = observer;
        this.timeoutNanos = timeout.toNanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor().schedule(() -> tooLate(context), timeoutNanos, TimeUnit.NANOSECONDS);
    }

    private void tooLate(ChannelHandlerContext context) {
        fail(context, new SslHandshakeTimeoutException("no ClientHello in time"));
    }

    @Override
    protected Future<Optional<FilterChainTarget>> lookup(ChannelHandlerContext context, @Nullable ByteBuf clientHello) {
        FilterChainTarget target = null;
        if (clientHello != null && !decided) {
            hello = ClientHello.parse(clientHello);
            target = chooser.apply(hello);
        }
        return context.executor().newSucceededFuture(Optional.ofNullable(target));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext context, Future<Optional<FilterChainTarget>> future) {
        if (decided) {
            return;
        }
        if (hello == null) {
            fail(context, new NotSslRecordException("no ClientHello"));
            return;
        }
        decide();
        switch (future.getNow().orElse(null)) {
            case FilterChainTarget.Terminate terminate -> terminate(context, terminate, hello);
            case FilterChainTarget.Passthrough passthrough -> {
                passthrough.next().accept(context.channel());
                context.pipeline().remove(this);
            }
            case null -> {
                observer.onUnknownName(hello);
                refuse(context, UNRECOGNIZED_NAME);
            }
        }
    }

    private static void refuse(ChannelHandlerContext context, byte[] alert) {
        context.writeAndFlush(Unpooled.wrappedBuffer(alert)).addListener(ChannelFutureListener.CLOSE);
    }

    private void terminate(ChannelHandlerContext context, FilterChainTarget.Terminate target, ClientHello seen) {
        if (!target.context().speaksOneOf(seen.protocols())) {
            observer.onFailed(seen, TlsRejection.HANDSHAKE_FAILED, new SSLHandshakeException("no common protocol"));
            refuse(context, NO_APPLICATION_PROTOCOL);
            return;
        }
        SslHandler tls = target.context().newHandler(context.alloc(), seen);
        long leftMillis = TimeUnit.NANOSECONDS.toMillis(timeoutNanos - (System.nanoTime() - start));
        tls.setHandshakeTimeoutMillis(Math.max(1, leftMillis));
        SecuredConnection secured = new SecuredConnection(tls, seen, target, observer);
        context.pipeline().addAfter(context.name(), null, secured);
        if (!isJdk(tls)) {
            context.pipeline().addBefore(context.name(), null, new InputGate());
        }
        ClientHello.EarlyData early = seen.earlyData();
        if (early != null && isJdk(tls) && TlsGroups.forceRetry(tls.engine(), early.otherGroups())) {
            context.pipeline().addAfter(context.name(), null, tls);
            context.pipeline().replace(this, null, new EarlyDataFilter(early.helloBytes()));
        } else {
            context.pipeline().replace(this, null, tls);
        }
    }

    private static boolean isJdk(SslHandler tls) {
        return !(tls.engine() instanceof ReferenceCountedOpenSslEngine);
    }

    /// Bytes that are not TLS, or a ClientHello that is too long.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(context, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        decide();
        super.channelInactive(context);
    }

    private void fail(ChannelHandlerContext context, Throwable cause) {
        if (!decided) {
            decide();
            observer.onFailed(hello, TlsRejection.of(cause), cause);
        }
        context.close();
    }

    private void decide() {
        decided = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
