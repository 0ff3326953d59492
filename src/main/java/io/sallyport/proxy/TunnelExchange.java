package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.net.HostName;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.tunnel.IdleWatch;
import io.sallyport.tunnel.OpenTunnels;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.TcpConnector;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One CONNECT request and the tunnel that comes of it (RFC 9110, 9.3.6): the list is asked, the endpoint is connected,
/// and only then the client is answered 200. What it sends before that is held, never read as a request; after anything
/// but 200 an HTTP/1.1 connection ends, and of an HTTP/2 connection that stream. Where the route depends on what
/// the tunnel carries, the client is answered first.
final class TunnelExchange extends ClientExchange implements TcpConnector.Callback {
    private final HeldBody held = new HeldBody();
    private @Nullable TunnelRoute route;
    private @Nullable Runnable cancel;
    private @Nullable Endpoint endpoint;
    private @Nullable TunnelUpstream upstream;
    private @Nullable IdleWatch idle;
    /// While the first bytes are awaited that decide where the tunnel leads.
    private @Nullable TunnelGate undecided;
    private final Deadline firstBytes = new Deadline();
    private boolean answered;
    /// The endpoint is connected although the first bytes are still awaited: it may be the server that speaks first.
    private boolean waited;
    private boolean clientEnded;

    TunnelExchange(HttpConnection connection, ServerStream downstream, RequestHead head, Snapshot snapshot) {
        super(connection, downstream, head, snapshot);
    }

    void serve() {
        try {
            downstream.pauseReading();
            HostName host = HostName.parse(head.authority);
            if (host.isRejected() || host.port() == 0) {
                throw ProxyException.downstream(ResponseFlag.DPE, 400, "invalid_host");
            }
            if (connection.tunnel() != null) {
                throw ProxyException.downstream(ResponseFlag.DPE, 400, "tunnel_within_tunnel");
            }
            route = TunnelRoute.find(connection, snapshot, host, facts);
            connection.opened(this);
            if (route.isUndecided()) {
                awaitFirstBytes(route);
            } else {
                open(route);
            }
        } catch (ProxyException refused) {
            reject(refused);
        } catch (RuntimeException defect) {
            reject(Failures.ofDefect(defect));
        }
    }

    private void open(TunnelRoute to) {
        if (to.cluster() == null) {
            InnerHttp.open(
                    downstream.eventLoop(), connection.within(to.asked()), connection.loop.settings, this::onInner);
        } else {
            connect(to);
        }
    }

    private void awaitFirstBytes(TunnelRoute to) {
        undecided = to.gate();
        firstBytes.start(
                downstream.eventLoop(),
                connection.loop.settings.tunnels().helloTimeout().toNanos(),
                () -> guarded(this::onSilence));
        answer(to);
    }

    /// A client that waits for the server to speak does neither TLS nor HTTP, as far as is known: what it says later
    /// still decides.
    private void onSilence() {
        TunnelGate gate = undecided;
        if (gate != null && gate.needsHello()) {
            onForbidden("tunnel_without_hello");
        } else if (gate != null) {
            waited = true;
            lead(null);
        }
    }

    private void onFirstBytes(TunnelGate gate, ByteBuf data) {
        String forbidden = gate.check(data);
        if (clientEnded) {
            gate.end();
        }
        if (forbidden != null) {
            onForbidden(forbidden);
        } else if (clientEnded && !gate.isOpen() && gate.needsHello()) {
            onForbidden("tunnel_without_hello");
        } else if (waited && facts.bytesSent > 0 && isDecisive(gate)) {
            // The client has had bytes of another service, which no answer can follow.
            onForbidden("tunnel_way_differs");
        } else if (gate.isOpen() || clientEnded) {
            decide(gate);
        }
    }

    private void decide(TunnelGate gate) {
        firstBytes.stop();
        undecided = null;
        if (waited && !isDecisive(gate)) {
            gate.drainTo(this::toEndpoint);
            endOutput();
            return;
        }
        gate.drainTo(data -> held.add(data, false));
        leaveEndpoint();
        lead(gate.isOpen() ? gate : null);
    }

    /// @param bytes of the client, null while there are none
    private void lead(@Nullable TunnelGate bytes) {
        downstream.pauseReading();
        TunnelRoute before = route;
        try {
            if (before != null) {
                route = before.decide(connection, snapshot, bytes, facts);
                open(route);
            }
        } catch (ProxyException refused) {
            reject(refused);
        }
    }

    private boolean isDecisive(TunnelGate gate) {
        return route != null && route.dependsOn(gate);
    }

    /// The way that was chosen for a silent client is not that of what it says.
    private void leaveEndpoint() {
        if (cancel != null) {
            cancel.run();
            cancel = null;
        }
        if (upstream != null) {
            upstream.close(true);
            upstream = null;
        }
        if (endpoint != null) {
            endpoint.released();
            endpoint = null;
        }
        facts.virtualService = null;
        facts.cluster = null;
        facts.destinationHost = null;
        facts.destinationSubset = null;
        facts.upstreamHost = null;
        facts.upstreamLocal = null;
    }

    /// A defect ends the tunnel: nobody else would.
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException defect) {
            reject(Failures.ofDefect(defect));
        }
    }

    private void connect(TunnelRoute to) {
        facts.attempts++;
        TcpConnector.Attempt attempt =
                connection.loop.connector.connect(to.requireCluster(), to, connection.trace(), this);
        if (attempt != null && endpoint == null && !ended()) {
            cancel = attempt::cancel;
        }
    }

    private void onInner(@Nullable Channel inner) {
        if (inner == null) {
            reject(ProxyException.gateway(ResponseFlag.UF, "tunnel_end_failed"));
        } else {
            open(inner);
        }
    }

    @Override
    public void onConnected(Channel channel, Endpoint chosen) {
        cancel = null;
        endpoint = chosen;
        facts.upstreamHost = chosen.name();
        facts.upstreamLocal = channel.localAddress();
        open(channel);
    }

    @Override
    public void onFailure(ProxyException failure, @Nullable Endpoint tried) {
        cancel = null;
        facts.transportFailure = failure.details();
        TunnelRoute to = route;
        if (!ended() && to != null && tried != null && to.mayTryAnother(tried, failure)) {
            connect(to);
        } else {
            reject(failure);
        }
    }

    private void open(Channel channel) {
        recheck(connection.loop.snapshots.current());
        if (connection.isRepeated()) {
            reject(ProxyException.downstream(ResponseFlag.DPE, Via.LOOP_DETECTED, OwnTraffic.LOOP));
        }
        TunnelRoute to = route;
        if (ended() || to == null) {
            channel.close();
            return;
        }
        boolean checked = answered;
        if (answered) {
            downstream.resumeReading();
            watchIdle(to);
        } else {
            answer(to);
        }
        TunnelGate gate = checked ? TunnelGate.PASSED : to.gate();
        TunnelUpstream side = new TunnelUpstream(this, channel, gate, connection.loop.settings);
        upstream = side;
        channel.pipeline().addLast(side);
        held.drainTo(side::write);
        if (clientEnded) {
            side.endOutput();
        }
        side.start();
    }

    private void answer(TunnelRoute to) {
        answered = true;
        facts.status = 200;
        facts.details = "tunnel";
        facts.tunnel = true;
        connection.loop.observer.onTunnelStart(facts);
        downstream.resumeReading();
        downstream.writeHead(new ResponseHead(200, new Headers(0)), false);
        downstream.flush();
        watchIdle(to);
    }

    private void watchIdle(TunnelRoute to) {
        if (idle != null) {
            idle.stop();
        }
        idle = IdleWatch.start(
                downstream.eventLoop(),
                to.idleTimeout(connection.loop.settings.tunnels().idleTimeout()),
                this::onIdle);
    }

    private void reject(ProxyException failure) {
        if (ended()) {
            return;
        }
        if (answered) {
            FactSheet.refused(facts, failure);
            downstream.reset(StreamError.CONNECTION_CLOSED);
            end(failure.flag(), failure.details(), true);
            return;
        }
        FactSheet.refused(facts, failure);
        facts.status = failure.status();
        ResponseHead response = LocalReply.head(failure, connection.loop.settings.flagHeader(), 0);
        ResponseFields.complete(response.headers, connection);
        byte[] body = LocalReply.body(failure).getBytes(StandardCharsets.UTF_8);
        if (head.version != HttpVersion.HTTP_2) {
            // Bytes after the request may be meant for the tunnel or be another request; in HTTP/2 the stream
            // ends instead.
            downstream.closeAfterResponse();
        }
        facts.bytesSent += LocalReply.write(downstream, response, body, false, false);
        end();
    }

    @Override
    public void recheck(Snapshot current) {
        if (route == null || connection.isListed(current, facts, route.kind())) {
            return;
        }
        if (upstream == null && !answered) {
            reject(ProxyException.denied(OpenTunnels.REVOKED, ""));
        } else {
            onForbidden(OpenTunnels.REVOKED);
        }
    }

    // What the client sends.

    @Override
    public void onData(ByteBuf data, boolean end) {
        if (ended()) {
            data.release();
            return;
        }
        facts.bytesReceived += data.readableBytes();
        onActivity();
        clientEnded |= end;
        TunnelGate gate = undecided;
        if (gate != null) {
            guarded(() -> onFirstBytes(gate, data));
            return;
        }
        toEndpoint(data);
        if (end) {
            endOutput();
        }
    }

    private void toEndpoint(ByteBuf data) {
        if (upstream == null) {
            held.add(data, false);
        } else {
            upstream.write(data);
        }
    }

    /// Where there is no endpoint yet, [#open(Channel)] does it.
    private void endOutput() {
        if (clientEnded && upstream != null && !ended()) {
            upstream.endOutput();
            endIfBoth();
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        onData(Unpooled.EMPTY_BUFFER, true);
    }

    @Override
    public void onReset(StreamError error, String details) {
        end(Failures.flagOfClient(error), details, true);
    }

    @Override
    public void onWritable() {
        if (upstream != null) {
            upstream.resumeReading();
        }
    }

    @Override
    public void onReadComplete() {
        if (upstream != null) {
            upstream.flush();
        }
    }

    // What the endpoint sends, told by its side.

    void fromUpstream(ByteBuf data) {
        if (ended()) {
            data.release();
            return;
        }
        facts.bytesSent += data.readableBytes();
        onActivity();
        downstream.writeData(data, false);
    }

    void onUpstreamEnd() {
        if (!ended()) {
            downstream.writeData(Unpooled.EMPTY_BUFFER, true);
            downstream.flush();
            endIfBoth();
        }
    }

    private void endIfBoth() {
        if (clientEnded && upstream != null && upstream.isInputOver()) {
            end(null, "tunnel_completed", false);
        }
    }

    /// @param reset the tunnel did not end in order: the client shall hear of it in the same way
    void onUpstreamGone(boolean reset) {
        if (ended()) {
            return;
        }
        if (reset) {
            downstream.reset(StreamError.CONNECTION_CLOSED);
            end(ResponseFlag.UC, "upstream_reset", false);
        } else {
            downstream.writeData(Unpooled.EMPTY_BUFFER, true);
            downstream.flush();
            end(null, "tunnel_completed", false);
        }
    }

    /// What the client sends in the tunnel is not what it asked for, or that is no longer to be had.
    void onForbidden(String details) {
        downstream.reset(StreamError.CANCEL);
        end(ResponseFlag.RBAC, details, true);
    }

    void onActivity() {
        if (idle != null) {
            idle.onActivity();
        }
    }

    private void onIdle() {
        downstream.reset(StreamError.TIMEOUT);
        end(ResponseFlag.SI, "tunnel_idle_timeout", false);
    }

    private void end(@Nullable ResponseFlag flag, String details, boolean resetUpstream) {
        if (ended()) {
            return;
        }
        facts.flag = flag;
        facts.details = details;
        if (upstream != null) {
            upstream.close(resetUpstream);
        }
        end();
    }

    @Override
    void letGo() {
        held.release();
        firstBytes.stop();
        if (undecided != null) {
            undecided.release();
        }
        if (idle != null) {
            idle.stop();
        }
        if (cancel != null) {
            cancel.run();
        }
        if (endpoint != null) {
            endpoint.released();
        }
    }
}
