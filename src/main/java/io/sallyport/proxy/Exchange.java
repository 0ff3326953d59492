package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import io.sallyport.route.DirectResponse;
import io.sallyport.route.Forward;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.Redirect;
import io.sallyport.route.RouteMatch;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.telemetry.ProxyException;
import io.sallyport.telemetry.RequestFacts;
import io.sallyport.telemetry.ResponseFlag;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One request and its response, as the downstream side sees them. [#serve] is the request's way from top to bottom:
/// admit, find the virtual host, find the route, act. What follows comes in as events, of the client here and of the
/// endpoint in [UpstreamAttempt], until [#end] closes the books.
final class Exchange implements StreamListener, Runnable {
    private static final byte[] NO_BODY = {};

    final HttpConnection connection;
    final ServerStream downstream;
    final RequestHead head;
    final Snapshot snapshot;
    final RequestFacts facts = new RequestFacts();
    final Deadline deadline = new Deadline();

    private @Nullable Forwarding forwarding;
    private boolean requestEnded;
    private boolean responseStarted;
    /// After 101 each direction ends for itself.
    private boolean tunnel;
    private boolean responseEnded;
    private boolean ended;

    Exchange(HttpConnection connection, ServerStream downstream, RequestHead head, Snapshot snapshot) {
        this.connection = connection;
        this.downstream = downstream;
        this.head = head;
        this.snapshot = snapshot;
        FactSheet.begin(facts, connection, head);
    }

    void serve(boolean end) {
        requestEnded = end;
        try {
            UpstreamRequest.identify(this);
            RoutingContext request = HostSelection.context(this);
            HttpHost host = HostSelection.host(this, request);
            if (host.httpsRedirect() && !connection.info.isTls()) {
                redirect(Redirect.TO_HTTPS, request, RouteMatch.ANY);
                return;
            }
            MatchedRoute matched = findRoute(host, request);
            switch (matched.route().action()) {
                case Redirect redirect -> redirect(redirect, request, matched.match());
                case DirectResponse direct -> respondDirectly(direct);
                case Forward forward -> forward(forward, request, matched);
            }
        } catch (ProxyException failure) {
            reject(failure);
        } catch (RuntimeException defect) {
            if (!responseStarted) {
                reject(Failures.ofDefect(defect));
            }
        }
    }

    private MatchedRoute findRoute(HttpHost host, RoutingContext request) throws ProxyException {
        MatchedRoute matched = Routing.route(host, request);
        facts.routeName = matched.route().id().routeName();
        facts.virtualService = matched.route().id().virtualService();
        return matched;
    }

    private void redirect(Redirect redirect, RoutingContext request, RouteMatch match) {
        facts.details = "direct_response";
        reply(LocalReply.head(redirect, redirect.location(request, match)), NO_BODY);
    }

    private void respondDirectly(DirectResponse direct) {
        facts.details = "direct_response";
        reply(LocalReply.head(direct), direct.body());
    }

    private void forward(Forward forward, RoutingContext request, MatchedRoute matched) throws ProxyException {
        Forwarding next = new Forwarding(this, forward, request, matched);
        forwarding = next;
        deadline.limit(downstream.eventLoop(), next.callerTimeoutNanos(), this);
        awaitConnection();
        next.attempt();
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
        facts.flag = failure.flag();
        facts.details = failure.details();
        byte[] body = LocalReply.body(failure).getBytes(StandardCharsets.UTF_8);
        reply(LocalReply.head(failure, connection.loop.settings.flagHeader(), facts.attempts), body);
    }

    private void reply(ResponseHead response, byte[] body) {
        facts.status = response.status;
        responseStarted = true;
        ResponseFields.complete(response.headers, connection);
        facts.bytesSent += LocalReply.write(downstream, response, body, head.method.equals("HEAD"), facts.grpc);
        end();
    }

    // What the client sends after its head.

    @Override
    public void onData(ByteBuf data, boolean end) {
        facts.bytesReceived += data.readableBytes();
        if (ended || forwarding == null) {
            data.release();
            return;
        }
        forwarding.requestData(data, end);
        if (end) {
            onRequestEnd();
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        if (!ended && forwarding != null) {
            forwarding.requestTrailers(trailers);
            onRequestEnd();
        }
    }

    private void onRequestEnd() {
        requestEnded = true;
        if (tunnel) {
            endTunnel();
        } else if (forwarding != null && !ended) {
            startDeadline();
            forwarding.requestComplete();
        }
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (ended) {
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
    }

    // What the endpoint sends, told by the attempt.

    boolean requestEnded() {
        return requestEnded;
    }

    boolean ended() {
        return ended;
    }

    void respond(ResponseHead response, boolean end) {
        responseStarted = true;
        facts.status = response.status;
        facts.details = "via_upstream";
        if (response.status == 101) {
            beginTunnel();
        }
        ResponseFields.complete(response.headers, connection);
        downstream.writeHead(response, end);
        if (end) {
            onResponseEnd();
        }
    }

    void responseData(ByteBuf data, boolean end) {
        facts.bytesSent += data.readableBytes();
        downstream.writeData(data, end);
        if (end) {
            onResponseEnd();
        }
    }

    void responseTrailers(Headers trailers) {
        AsciiString grpcStatus = trailers.get(HeaderNames.GRPC_STATUS);
        facts.grpcStatus = grpcStatus == null ? facts.grpcStatus : grpcStatus;
        downstream.writeTrailers(trailers);
        onResponseEnd();
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
        downstream.reset(flag == ResponseFlag.UPE ? StreamError.PROTOCOL_ERROR : StreamError.INTERNAL_ERROR);
        end();
    }

    /// From the request's end, as Envoy's route timeout.
    private void startDeadline() {
        if (forwarding != null && !ended) {
            deadline.start(downstream.eventLoop(), forwarding.timeoutNanos(), this);
        }
    }

    /// The deadline has passed.
    @Override
    public void run() {
        if (ended) {
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

    private void end() {
        ended = true;
        deadline.stop();
        if (forwarding != null) {
            forwarding.release();
        }
        FactSheet.end(facts);
        connection.loop.observer.onRequestEnd(facts);
    }
}
