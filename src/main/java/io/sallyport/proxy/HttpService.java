package io.sallyport.proxy;

import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamListener;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.Snapshot;
import org.jspecify.annotations.Nullable;

/// Takes the requests of one downstream connection and begins an [Exchange] for each.
public final class HttpService implements RequestReceiver {
    private static final int PAYLOAD_TOO_LARGE = 413;

    private final HttpConnection connection;

    /// @param port the Gateway's port number
    public HttpService(ProxyLoop loop, ConnectionInfo info, BindAddress bind, FilterChain chain, int port) {
        this(new HttpConnection(loop, info, bind, chain, port));
    }

    HttpService(HttpConnection connection) {
        this.connection = connection;
    }

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        Snapshot snapshot = connection.loop.snapshots.current();
        if (connection.mesh && head.method.equals(Methods.CONNECT)) {
            TunnelExchange tunnelled = new TunnelExchange(connection, stream, head, snapshot);
            tunnelled.serve();
            return tunnelled;
        }
        Exchange exchange = new Exchange(connection, stream, head, snapshot);
        exchange.serve(end);
        return exchange;
    }

    @Override
    public void onRejected(ServerStream stream, @Nullable RequestHead head, int status, String details) {
        RequestHead seen = head == null ? FactSheet.unreadable(connection.info) : head;
        Exchange exchange = new Exchange(connection, stream, seen, connection.loop.snapshots.current());
        // A malformed request gets a plain answer, whatever content type it claims.
        exchange.facts.grpc &= status == PAYLOAD_TOO_LARGE;
        exchange.reject(ProxyException.downstream(ResponseFlag.DPE, status, details));
    }
}
