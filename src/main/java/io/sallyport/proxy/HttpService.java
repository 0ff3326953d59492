package io.sallyport.proxy;

import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import io.sallyport.net.HostName;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.Caller;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.trace.Tracing;
import io.sallyport.tunnel.ConnectTunnel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Takes the requests of one downstream connection and begins an [Exchange] for each, or a [ConnectTunnel].
public final class HttpService implements RequestReceiver, ConnectTunnel.Connection {
    private static final int PAYLOAD_TOO_LARGE = 413;

    private final HttpConnection connection;
    private final Admission.@Nullable Checks checks;

    /// @param port the Gateway's port number
    public HttpService(ProxyLoop loop, ConnectionInfo info, BindAddress bind, FilterChain chain, int port) {
        this(new HttpConnection(loop, info, bind, chain, port), null);
    }

    /// @param checks that requests must pass; null for those of their snapshot
    HttpService(HttpConnection connection, Admission.@Nullable Checks checks) {
        this.connection = connection;
        this.checks = checks;
    }

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        if (connection.mesh && head.method.equals(Methods.CONNECT)) {
            RequestFacts facts = new RequestFacts();
            Snapshot current = connection.loop.snapshots.current();
            FactSheet.begin(
                    facts,
                    connection,
                    head,
                    current.log().requests().instance(),
                    current.metrics().instance());
            beginTrace(facts, head);
            if (facts.log != null) {
                FactSheet.request(facts.log, head.headers);
            }
            return ConnectTunnel.serve(
                    connection.loop.tunnels, this, stream, head, facts, connection.bind, connection.chainName);
        }
        Snapshot snapshot = connection.loop.snapshots.current();
        Admission.Checks ofSnapshot = snapshot.hasChecks() ? AdmissionChecks.INSTANCE : null;
        Exchange exchange = new Exchange(connection, stream, head, snapshot, checks == null ? ofSnapshot : checks);
        exchange.serve(end);
        return exchange;
    }

    /// Of a tunnel; what goes through it has no head to pass the trace on in.
    private void beginTrace(RequestFacts facts, RequestHead head) {
        Tracing tracing = connection.loop.snapshots.current().traces().instance();
        if (tracing != null) {
            FactSheet.trace(
                    facts,
                    connection,
                    tracing.begin(head.headers, connection.mayForceTraces(), connection.loop.random));
        }
    }

    @Override
    public void onRejected(ServerStream stream, @Nullable RequestHead head, int status, String details) {
        RequestHead seen = head == null ? FactSheet.unreadable(connection.info) : head;
        Exchange exchange = new Exchange(connection, stream, seen, connection.loop.snapshots.current(), checks);
        // A malformed request gets a plain answer, whatever content type it claims.
        exchange.facts.grpc &= status == PAYLOAD_TOO_LARGE;
        exchange.reject(ProxyException.downstream(ResponseFlag.DPE, status, details));
    }

    @Override
    public Caller caller() {
        return connection.caller();
    }

    @Override
    public void checkMayTunnel(Snapshot snapshot) throws ProxyException {
        if (connection.tunnel() != null) {
            throw ProxyException.downstream(ResponseFlag.DPE, 400, "tunnel_within_tunnel");
        }
        if (connection.isDistrusted(snapshot)) {
            throw Routing.misdirected();
        }
    }

    @Override
    public RequestReceiver within(HostName to) {
        return new HttpService(connection.within(to), checks);
    }

    @Override
    public void refuse(ServerStream stream, RequestHead head, RequestFacts facts, ProxyException reason) {
        FactSheet.refused(facts, reason);
        if (facts.tunnel) {
            stream.reset(StreamError.CONNECTION_CLOSED);
            return;
        }
        facts.status = reason.status();
        ResponseHead response = LocalReply.head(reason, connection.loop.settings.flagHeader());
        ResponseFields.complete(response.headers, connection);
        if (head.version != HttpVersion.HTTP_2) {
            // Bytes after the request may be meant for the tunnel or be another request; in HTTP/2 the stream ends.
            stream.closeAfterResponse();
        }
        byte[] body = LocalReply.body(reason).getBytes(StandardCharsets.UTF_8);
        facts.bytesSent += LocalReply.write(stream, response, body, false, false);
    }
}
