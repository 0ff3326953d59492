package io.sallyport.tls;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/// Netty's handler of TLS for BoringSSL, corrected in two places:
///
///   - It ends the connection when the engine has given it up after the handshake. The binding then writes the alert
///     but reports success, so that the connection would stay open (RFC 8446, section 6.2).
///   - After [#closeOutbound], the engine reports itself as closed at the peer's next record, whatever that is, and
///     Netty fires its only [SslCloseCompletionEvent]. Another follows here when the peer has ended its side; see
///     [io.sallyport.http.h1.ChannelClosing#isEndOfInput].
final class TlsHandler extends SslHandler {
    private final ReferenceCountedOpenSslEngine boring;
    private boolean outputOver;

    private TlsHandler(ReferenceCountedOpenSslEngine boring) {
        super(boring);
        this.boring = boring;
    }

    /// @param stock not in a pipeline yet, and not to be used any more
    static SslHandler of(SslHandler stock) {
        if (stock.engine() instanceof ReferenceCountedOpenSslEngine boring) {
            return new TlsHandler(boring);
        }
        SSLParameters parameters = stock.engine().getSSLParameters();
        parameters.setNamedGroups(TlsGroups.ofJdk());
        stock.engine().setSSLParameters(parameters);
        return stock;
    }

    @Override
    public ChannelFuture closeOutbound() {
        outputOver = true;
        return super.closeOutbound();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        if (outputOver && boring.isInboundDone()) {
            outputOver = false;
            context.fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
        } else if (handshakeFuture().isSuccess() && hasGivenUp()) {
            context.fireExceptionCaught(new SSLException("the peer broke TLS, and was sent an alert"));
            context.close();
        }
    }

    /// BoringSSL marks the peer's side as ended after a failure too, and the engine does not know.
    private boolean hasGivenUp() {
        if (boring.isInboundDone()) {
            return false;
        }
        long pointer = boring.sslPointer();
        return pointer != 0 && (SSL.getShutdown(pointer) & SSL.SSL_RECEIVED_SHUTDOWN) != 0;
    }
}
