package io.sallyport.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.identity.PeerIdentity;
import io.sallyport.identity.TlsRejection;
import io.sallyport.tls.ClientHello;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

/// Waits behind the TLS handler for the end of the handshake, and hands the connection on with what TLS found out about
/// it.
final class SecuredConnection extends ChannelInboundHandlerAdapter {
    private final SslHandler tls;
    private final ClientHello hello;
    private final FilterChainTarget.Terminate target;
    private final HandshakeObserver observer;

    SecuredConnection(
            SslHandler tls, ClientHello hello, FilterChainTarget.Terminate target, HandshakeObserver observer) {
        this.tls = tls;
        this.hello = hello;
        this.target = target;
        this.observer = observer;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent completion) {
            if (completion.isSuccess()) {
                onHandshake(context);
            } else {
                // The TLS handler closes the connection, after its alert.
                observer.onFailed(hello, TlsRejection.of(completion.cause()), completion.cause());
            }
        } else {
            super.userEventTriggered(context, event);
        }
    }

    private void onHandshake(ChannelHandlerContext context) {
        SSLEngine engine = tls.engine();
        SSLSession session = engine.getSession();
        // A session tells by an exception that there is no certificate; so it is asked only where one may be there.
        PeerIdentity peer = engine.getNeedClientAuth() || engine.getWantClientAuth() ? PeerIdentity.of(session) : null;
        List<X509Certificate> chain = peer == null ? List.of() : PeerIdentity.chain(session);
        if (peer != null && !target.context().isVerified(chain)) {
            peer = null;
            chain = List.of();
        }
        if (peer != null && !peer.isCurrent()) {
            // Only a resumed session comes here with one: a full handshake has refused it.
            observer.onFailed(hello, TlsRejection.EXPIRED, new CertificateExpiredException("of a resumed session"));
            context.close();
            return;
        }
        String agreed = tls.applicationProtocol();
        context.pipeline().remove(this);
        target.next()
                .onSecured(
                        context.channel(),
                        new ConnectionInfo.Tls(
                                session.getProtocol(),
                                session.getCipherSuite(),
                                hello.serverName(),
                                agreed == null || agreed.isEmpty() ? null : agreed,
                                peer == null ? null : peer.certificate(),
                                peer == null ? null : peer.uri(),
                                chain));
    }

    /// The event above has said the same. It ends here: a client's mistake is no defect to log.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
