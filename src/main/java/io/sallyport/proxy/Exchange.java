package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.egress.EgressPermit;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.RouteFilters;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.tunnel.OpenTunnels;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One request and its response, as the downstream side sees them. [RequestWay] is the request's way from top to
/// bottom. What follows comes in as events, of the client here and of the endpoint in [UpstreamAttempt], until [#end]
/// completes the facts.
final class Exchange extends ClientExchange implements Runnable {
    private static final String UNSENDABLE = "unsendable_response";
    private static final byte[] NO_BODY = {};
    /// How long the body of a response that is not gRPC may take before the client of gRPC-Web gets what has come.
    private static final long LONGEST_REFUSED_NANOS = TimeUnit.SECONDS.toNanos(5);

    final Deadline deadline = new Deadline();
    private @Nullable Forwarding forwarding;
    private @Nullable RouteFiltering filtering;
    private @Nullable GrpcWeb web;
    private boolean requestEnded;
    private boolean responseStarted;
    /// A gRPC response that may end at any time by trailers which say why.
    private boolean endsByTrailers;
    /// After 101 each direction ends for itself.
    private boolean tunnel;
    private boolean responseEnded;

    Exchange(HttpConnection connection, ServerStream downstream, RequestHead head, Snapshot snapshot) {
        super(connection, downstream, head, snapshot);
    }

    void serve(boolean end) {
        requestEnded = end;
        grpcWeb(connection.application(snapshot) instanceof FilterChain.Http http && http.grpcWeb());
        try {
            RequestWay.serve(this);
        } catch (ProxyException failure) {
            reject(failure);
        } catch (RuntimeException defect) {
            rejectDefect(defect);
        }
    }

    private void rejectDefect(RuntimeException defect) {
        if (!responseStarted) {
            reject(Failures.ofDefect(defect));
        }
    }

    /// The translation of the request to gRPC, and of its response to gRPC-Web.
    ///
    /// @param translates whether the port or the cluster of the caller is for gRPC-Web
    /// @return null if neither is, or the request is not gRPC-Web: it is forwarded as it is
    @Nullable
    GrpcWeb grpcWeb(boolean translates) {
        if (web == null && translates && !head.isExtendedConnect()) {
            web = GrpcWeb.of(head);
            facts.grpc |= web != null;
        }
        return web;
    }

    /// The request passes these before it is forwarded.
    RouteFiltering filter(RouteFilters filters) {
        filtering = new RouteFiltering(this, filters);
        return filtering;
    }

    /// The request is to be forwarded; its time runs.
    void forwardBy(Forwarding next) {
        forwarding = next;
        deadline.limit(downstream.eventLoop(), next.callerTimeoutNanos(), this);
        awaitConnection();
    }

    /// The route's filters let the request pass.
    void attempt() {
        try {
            if (forwarding != null) {
                forwarding.attempt();
            }
        } catch (RuntimeException defect) {
            rejectDefect(defect);
        }
    }

    /// What is left of the request waits for a connection, which must come about within the request's time.
    void awaitConnection() {
        if (!requestEnded) {
            downstream.pauseReading();
        }
        startDeadline();
    }

    /// The request's way is open. Its time runs from its end, so not yet where there is more to come.
    void opened() {
        if (!requestEnded) {
            deadline.lift(downstream.eventLoop(), this);
        }
    }

    /// Answers a request that will not be forwarded, or whose forwarding failed before a response began.
    void reject(ProxyException failure) {
        FactSheet.refused(facts, failure);
        ResponseHead response = LocalReply.head(failure, connection.loop.settings.flagHeader(), facts.attempts);
        answer(response, LocalReply.body(failure).getBytes(StandardCharsets.UTF_8), failure.details());
    }

    /// A response of the gateway's own.
    void answer(ResponseHead response, byte[] body, String details) {
        if (looksSwitched(response)) {
            reject(Routing.upgradeFailed());
            return;
        }
        responseStarted = true;
        editResponse(response.headers);
        if (FieldSyntax.areValues(response.headers)) {
            send(response, body, details);
        } else {
            ResponseHead bare = new ResponseHead(500, new Headers(4));
            ResponseFields.complete(bare.headers, connection);
            send(bare, NO_BODY, UNSENDABLE);
        }
    }

    private void send(ResponseHead response, byte[] body, String details) {
        facts.details = details;
        if (web == null) {
            facts.bytesSent += LocalReply.write(downstream, response, body, head.method.equals("HEAD"), facts.grpc);
        } else {
            web.refuse(response, body);
            downstream.writeHead(response, true);
            downstream.flush();
        }
        // For gRPC clients, writing has replaced the status of the reply.
        facts.status = response.status;
        facts.grpcStatus = response.headers.get(HeaderNames.GRPC_STATUS);
        end();
    }

    private void editResponse(Headers headers) {
        if (filtering != null) {
            filtering.editResponse(headers);
        }
        ResponseFields.complete(headers, connection);
    }

    // What the client sends after its head.

    @Override
    public void onData(ByteBuf data, boolean end) {
        facts.bytesReceived += data.readableBytes();
        if (ended() || forwarding == null) {
            data.release();
            return;
        }
        if (web == null) {
            relay(forwarding, data, end);
            return;
        }
        try {
            relay(forwarding, web.request(data, end), end);
        } catch (ProxyException malformed) {
            failRequest(malformed);
        }
    }

    /// The content of the request is malformed, though its framing is not.
    private void failRequest(ProxyException malformed) {
        if (responseStarted) {
            facts.flag = malformed.flag();
            facts.details = malformed.details();
            downstream.reset(StreamError.CANCEL);
            end();
        } else {
            reject(malformed);
        }
    }

    private void relay(Forwarding to, ByteBuf data, boolean end) {
        if (filtering != null) {
            filtering.requestData(data, end);
        }
        to.requestData(data, end);
        if (end) {
            onRequestEnd();
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        if (ended() || forwarding == null) {
            return;
        }
        try {
            if (web != null) {
                web.endRequest();
            }
        } catch (ProxyException malformed) {
            failRequest(malformed);
            return;
        }
        if (filtering != null) {
            filtering.requestTrailers(trailers);
        }
        forwarding.requestTrailers(trailers);
        onRequestEnd();
    }

    private void onRequestEnd() {
        requestEnded = true;
        if (tunnel) {
            endTunnel();
        } else if (forwarding != null && !ended()) {
            startDeadline();
            forwarding.requestComplete();
        }
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (ended()) {
            return;
        }
        if (!responseStarted && Failures.mayBeAnswered(error, head.version)) {
            reject(ProxyException.downstream(
                    Failures.flagOfClient(error), Failures.statusOfClient(error, HttpVersion.HTTP_1_1), details));
            return;
        }
        facts.flag = Failures.flagOfClient(error);
        facts.details = details;
        facts.status = responseStarted ? facts.status : Failures.statusOfClient(error, head.version);
        end();
    }

    @Override
    public void onWritable() {
        if (forwarding != null) {
            forwarding.resumeResponse();
        }
    }

    @Override
    public void onReadComplete() {
        if (forwarding != null) {
            forwarding.flushRequest();
        }
        if (filtering != null) {
            filtering.flush();
        }
    }

    // What the endpoint sends, told by the attempt.

    boolean requestEnded() {
        return requestEnded;
    }

    void respond(ResponseHead response, boolean end) {
        facts.status = response.status;
        facts.details = "via_upstream";
        if (web == null || web.translate(response, end)) {
            begin(response, end);
        } else {
            responseStarted = true;
            deadline.start(downstream.eventLoop(), LONGEST_REFUSED_NANOS, this);
        }
    }

    /// Whether the client would take the response for a switch that has not been made.
    private boolean looksSwitched(ResponseHead response) {
        return response.status / 100 == 2 && head.isExtendedConnect();
    }

    private void begin(ResponseHead response, boolean end) {
        if (looksSwitched(response)) {
            refuseResponse(ProxyException.upstream(ResponseFlag.UPE, "upgrade_not_accepted", false));
            return;
        }
        if (web != null) {
            facts.grpcStatus = response.headers.get(HeaderNames.GRPC_STATUS);
        }
        editResponse(response.headers);
        if (!FieldSyntax.areValues(response.headers)) {
            refuseResponse(Failures.unsendable(UNSENDABLE));
            return;
        }
        responseStarted = true;
        endsByTrailers = facts.grpc
                && response.status == 200
                && (web == null
                        ? head.version == HttpVersion.HTTP_2 && !response.headers.contains(HeaderNames.CONTENT_LENGTH)
                        : web.translates());
        if (response.status == 101) {
            beginTunnel();
        }
        downstream.writeHead(response, end);
        if (end) {
            onResponseEnd();
        }
    }

    /// The endpoint's response cannot be passed on.
    private void refuseResponse(ProxyException failure) {
        if (forwarding != null) {
            forwarding.abort(ResponseFlag.DC);
        }
        reject(failure);
    }

    /// The response is not gRPC, and as much of it has come as the client is to get.
    private void writeRefused(GrpcWeb by) {
        begin(by.release(), true);
    }

    private void refusedData(GrpcWeb by, ByteBuf data, boolean end) {
        boolean full = !by.hold(data);
        if (full && !end && forwarding != null) {
            forwarding.responseSuffices();
        }
        if (full || end) {
            writeRefused(by);
        }
    }

    void responseData(ByteBuf data, boolean end) {
        if (web != null && web.holds()) {
            refusedData(web, data, end);
            return;
        }
        ByteBuf sent = web == null ? data : web.response(data);
        facts.bytesSent += sent.readableBytes();
        downstream.writeData(sent, end);
        if (end) {
            onResponseEnd();
        }
    }

    void responseTrailers(Headers trailers) {
        if (web != null && web.holds()) {
            writeRefused(web);
            return;
        }
        AsciiString grpcStatus = trailers.get(HeaderNames.GRPC_STATUS);
        facts.grpcStatus = grpcStatus == null ? facts.grpcStatus : grpcStatus;
        writeTrailers(trailers);
        onResponseEnd();
    }

    private void writeTrailers(Headers trailers) {
        if (web != null && web.translates()) {
            ByteBuf frame = web.frame(trailers);
            facts.bytesSent += frame.readableBytes();
            downstream.writeData(frame, true);
        } else {
            downstream.writeTrailers(trailers);
        }
    }

    private void onResponseEnd() {
        downstream.flush();
        responseEnded = true;
        if (tunnel) {
            endTunnel();
        } else {
            end();
        }
    }

    /// What was the request's end is the tunnel's beginning, and how long it may last is not the route's to say.
    private void beginTunnel() {
        tunnel = true;
        requestEnded = false;
        deadline.stop();
        connection.opened(this);
        // The list may have changed since this request asked it.
        downstream.eventLoop().execute(() -> recheck(connection.loop.snapshots.current()));
    }

    @Override
    public void recheck(Snapshot current) {
        if (!ended() && forwarding != null && !connection.isListed(current, facts, EgressPermit.Kind.HTTP)) {
            forwarding.abort(ResponseFlag.RBAC);
            cut(ResponseFlag.RBAC, OpenTunnels.REVOKED);
        }
    }

    private void endTunnel() {
        if (requestEnded && responseEnded) {
            if (forwarding != null) {
                forwarding.completed();
            }
            end();
        }
    }

    /// The endpoint or the deadline cut a response that had begun: the client must see that it is cut.
    void cut(ResponseFlag flag, String details) {
        facts.flag = flag;
        facts.details = details;
        if (web != null && web.holds()) {
            writeRefused(web);
            return;
        }
        if (flag == ResponseFlag.UT && endsByTrailers) {
            Headers trailers = LocalReply.deadlineTrailers(details);
            facts.grpcStatus = trailers.get(HeaderNames.GRPC_STATUS);
            writeTrailers(trailers);
            downstream.flush();
        } else {
            downstream.reset(howToCut(flag));
        }
        end();
    }

    private StreamError howToCut(ResponseFlag flag) {
        if (tunnel || (flag == ResponseFlag.UT && facts.grpc)) {
            // Of a tunnel as a TCP connection that is reset (RFC 8441, 5).
            return StreamError.CANCEL;
        }
        return flag == ResponseFlag.UPE ? StreamError.PROTOCOL_ERROR : StreamError.INTERNAL_ERROR;
    }

    /// From the request's end, as Envoy's route timeout.
    private void startDeadline() {
        if (forwarding != null && !ended()) {
            deadline.start(downstream.eventLoop(), forwarding.timeoutNanos(), this);
        }
    }

    /// The deadline has passed.
    @Override
    public void run() {
        if (ended()) {
            return;
        }
        if (forwarding != null) {
            forwarding.abort(ResponseFlag.UT);
        }
        String details = deadline.isLimit() ? LocalReply.CALLER_DEADLINE : "upstream_response_timeout";
        if (responseStarted) {
            cut(ResponseFlag.UT, details);
        } else {
            reject(ProxyException.upstream(ResponseFlag.UT, details, false));
        }
    }

    @Override
    void letGo() {
        deadline.stop();
        if (forwarding != null) {
            forwarding.release();
        }
        if (filtering != null) {
            filtering.end();
        }
    }
}
