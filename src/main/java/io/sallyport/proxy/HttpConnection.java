package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamListener;
import io.sallyport.identity.ForwardedClientCert;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.telemetry.ProxyException;
import io.sallyport.telemetry.ResponseFlag;
import org.jspecify.annotations.Nullable;

/// One downstream connection that carries requests: begins an [Exchange] for each.
///
/// It remembers the filter chain that took it by name. Every request looks the chain up in the snapshot that is current
/// when it begins, so that a connection kept alive meets new routes at once.
public final class HttpConnection implements RequestReceiver {
    final ProxyLoop loop;
    final ConnectionInfo info;
    final int port;
    final AsciiString peerAddress;
    private final BindAddress bind;
    private final String chainName;
    private @Nullable AsciiString clientCert;
    private @Nullable Snapshot seen;
    private FilterChain.@Nullable Http application;

    /// @param port the Gateway's port number
    public HttpConnection(ProxyLoop loop, ConnectionInfo info, BindAddress bind, String chainName, int port) {
        this.loop = loop;
        this.info = info;
        this.bind = bind;
        this.chainName = chainName;
        this.port = port;
        this.peerAddress = ForwardedHeaders.peerAddress(info);
    }

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        Exchange exchange = new Exchange(this, stream, head, loop.snapshots.current());
        exchange.serve(end);
        return exchange;
    }

    @Override
    public void onRejected(ServerStream stream, @Nullable RequestHead head, int status, String details) {
        RequestHead seenHead = head == null ? FactSheet.unreadable(info) : head;
        Exchange exchange = new Exchange(this, stream, seenHead, loop.snapshots.current());
        // What the bytes claim to be counts for nothing: the answer is plain.
        exchange.facts.grpc = false;
        exchange.reject(ProxyException.downstream(ResponseFlag.DPE, status, details));
    }

    /// The routes of this connection's chain in that snapshot, or null where the chain is gone.
    FilterChain.@Nullable Http application(Snapshot snapshot) {
        if (snapshot != seen) {
            seen = snapshot;
            FilterChain chain = snapshot.chain(bind, chainName);
            application = chain != null && chain.application() instanceof FilterChain.Http http ? http : null;
        }
        return application;
    }

    /// Whether this listener serves the host by another chain than the one that the connection's SNI chose: another
    /// certificate, and perhaps another demand on the client's (RFC 9110, 7.4). The client may ask again on a
    /// connection of its own.
    boolean isMisdirected(Snapshot snapshot, String host) {
        ListenerSnapshot listener = snapshot.listeners().get(bind);
        if (listener == null || !listener.tls()) {
            return false;
        }
        FilterChain owner = listener.chainFor(host);
        return owner != null && !owner.name().equals(chainName);
    }

    /// The x-forwarded-client-cert element of the client's verified certificate, or null where there is none.
    @Nullable
    AsciiString clientCert() {
        if (clientCert == null && info.tls() != null && info.tls().peerCertificate() != null) {
            clientCert = new AsciiString(ForwardedClientCert.element(info.tls().peerCertificate(), null));
        }
        return clientCert;
    }
}
