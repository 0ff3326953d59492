package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.egress.EgressPermit;
import io.sallyport.extauth.HeaderEdit;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.grpc.MessageCounter;
import io.sallyport.net.HostName;
import io.sallyport.net.RegexMatch;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Denial;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.route.DirectResponse;
import io.sallyport.route.Forward;
import io.sallyport.route.HeaderOps;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.Redirect;
import io.sallyport.route.RouteFilters;
import io.sallyport.route.RouteId;
import io.sallyport.route.RouteMatch;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Policies;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.Workload;
import io.sallyport.tunnel.MeshAdmission;
import io.sallyport.tunnel.OpenTunnels;
import io.sallyport.tunnel.StreamEnd;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One request and its response, from head to end. [#serve] is the request's way from top to bottom: identify the
/// caller, find the virtual host and the route, filter, forward. Where a check takes time, an [Admission] holds the
/// request there, and its way goes on later. What follows arrives as events, of the client and of the [Forwarding],
/// until [#end] completes the facts.
final class Exchange extends ClientExchange implements Admission.Owner, RouteFiltering.Next, Forwarding.Client {
    private static final byte[] NO_BODY = {};
    /// How long the body of a response that is not gRPC may take before the client of gRPC-Web gets what has arrived.
    private static final long LONGEST_REFUSED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ResponseWriter response = new ResponseWriter(this);
    private final Admission.@Nullable Checks checks;
    private @Nullable GrpcWeb web;
    private @Nullable MessageCounter messages;
    private @Nullable Admission admission;
    private @Nullable RouteFiltering filtering;
    private @Nullable Forwarding forwarding;
    private boolean responseEnded;

    /// @param checks that it must pass; null for none
    Exchange(
            HttpConnection connection,
            ServerStream downstream,
            RequestHead head,
            Snapshot snapshot,
            Admission.@Nullable Checks checks) {
        super(connection, downstream, head, snapshot);
        this.checks = checks;
    }

    void serve(boolean end) {
        RegexMatch.begin();
        requestEnded = end;
        if (end && facts.log != null) {
            facts.log.requestEnded();
        }
        FilterChain.Application application = connection.application(snapshot);
        if (application instanceof FilterChain.Http http && http.grpcWeb()) {
            detectGrpcWeb();
        }
        try {
            if (!snapshot.traces().isEmpty()) {
                beginTrace(application);
            }
            identify();
            connection.via.check(head.headers);
            Routing.check(head);
            RoutingContext routing = routingContext(application);
            if (checks == null
                    || admits(
                            checks.onArrival(this, routing, policies(application, routing)),
                            () -> route(application, routing))) {
                route(application, routing);
            }
        } catch (ProxyException failure) {
            reject(failure);
        } catch (RuntimeException defect) {
            rejectDefect(defect);
        }
    }

    private void route(FilterChain.@Nullable Application application, RoutingContext routing) throws ProxyException {
        authorize(application, routing);
        HttpHost host = findHost(application, routing);
        facts.virtualHost = host.domain();
        if (host.httpsRedirect() && !routing.scheme().equals("https")) {
            redirect(Redirect.TO_HTTPS, routing, RouteMatch.ANY);
            return;
        }
        MatchedRoute matched = findRoute(host, routing);
        if (!(matched.route().action() instanceof Forward) && isAnsweredByFilters(matched)) {
            return;
        }
        switch (matched.route().action()) {
            case Redirect redirect -> redirect(redirect, routing, matched.match());
            case DirectResponse direct ->
                answer(LocalReply.head(direct, editor(direct.responseHeaders())), direct.body(), "direct_response");
            case Forward forward -> forward(forward, routing, matched);
        }
    }

    /// @param next where the request goes on if it has to wait
    /// @return whether it has passed already
    private boolean admits(List<? extends Admission.Check> checks, Admission.Step next) throws ProxyException {
        if (checks.isEmpty()) {
            return true;
        }
        if (admission == null) {
            admission = new Admission(this, this);
        }
        return admission.passes(checks, next);
    }

    @Override
    public void admitted(Admission.Step next) {
        RegexMatch.begin();
        try {
            next.run();
        } catch (ProxyException failure) {
            reject(failure);
        } catch (RuntimeException defect) {
            rejectDefect(defect);
        }
    }

    /// From here on a request of gRPC-Web is one of gRPC, and its response is to be translated back.
    private void detectGrpcWeb() {
        if (web == null && !head.isExtendedConnect()) {
            web = GrpcWeb.of(head);
            if (web != null) {
                facts.grpc = true;
                response.translate(web);
            }
        }
    }

    /// Before anything is decided by the head's fields: what the client claims about itself gives way to what is known.
    private void identify() {
        ProxyLoop loop = connection.loop;
        if (connection.mesh) {
            loop.forwarded.applyOutbound(head, connection.info, loop.requestIds);
        } else {
            AsciiString client = loop.forwarded.apply(
                    head, connection.info, connection.peerAddress, connection.clientCert(), loop.requestIds);
            if (client != connection.peerAddress) {
                FactSheet.client(facts, client);
            }
        }
        facts.requestId = head.headers.get(HeaderNames.X_REQUEST_ID);
        facts.forwardedFor = head.headers.get(HeaderNames.X_FORWARDED_FOR);
        facts.scheme = head.scheme;
    }

    private RoutingContext routingContext(FilterChain.@Nullable Application application) throws ProxyException {
        HostName host = connection.host(head.authority);
        if (application instanceof FilterChain.Mesh(MeshRoutes routes)) {
            Workload client = connection.workload(snapshot, routes);
            facts.source = connection.source();
            return RoutingContext.asked(
                            head, host, connection.loop.settings.paths().mesh(), facts.grpc, client)
                    .in(connection, facts.forwardedFor);
        }
        return RoutingContext.of(
                        head,
                        host,
                        connection.port,
                        connection.loop.settings.paths().gateway(),
                        facts.grpc)
                .in(connection, facts.forwardedFor);
    }

    /// Before anything else is said of the request, even that there is nothing for it.
    private void authorize(FilterChain.@Nullable Application application, RoutingContext routing)
            throws ProxyException {
        if (!snapshot.authorization().isEmpty()) {
            List<AppliedPolicies> all = policies(application, routing);
            for (AppliedPolicies applied : all) {
                routing.claimsFor(applied.tokens());
                applied.requests(connection.mesh).enforce(routing, facts);
            }
            routing.claimsForRoutes(all);
        }
    }

    /// Those of this instance, or of the Gateways that offer the host.
    private List<AppliedPolicies> policies(FilterChain.@Nullable Application application, RoutingContext routing) {
        return Authorization.onArrival(snapshot.authorization(), application, routing);
    }

    /// The policies of the endpoints that the request is to go to.
    private void authorize(Forward route, WeightedCluster destination, RoutingContext routing, MatchedRoute matched)
            throws ProxyException {
        Policies policies = snapshot.authorization();
        boolean lasts = head.upgrade != null;
        Cluster cluster =
                policies.isEmpty() && !lasts ? null : snapshot.clusters().cluster(destination.clusterName());
        if (cluster == null) {
            return;
        }
        if (lasts || policies.readsFields()) {
            routing.keepFields();
        }
        authorization = new Authorization(this, routing, sent(route, destination, routing, matched), cluster);
        authorization.enforce();
    }

    /// The request as the endpoints get it, for policies of theirs that may deny it.
    private PolicyRequest sent(
            Forward route, WeightedCluster destination, RoutingContext routing, MatchedRoute matched) {
        boolean judged =
                head.upgrade != null || snapshot.authorization().mayDeny(destination.clusterName(), routing.host());
        if (!judged || !route.changesRequest(destination)) {
            return routing;
        }
        RequestHead copy = head.copy();
        HeaderOps.Editor<Headers> editor = UpstreamRequest.editor(this, copy.headers, route, destination);
        return SentRequest.of(copy, route, destination, routing, matched, connection.paths(), editor);
    }

    private HttpHost findHost(FilterChain.@Nullable Application application, RoutingContext routing)
            throws ProxyException {
        if (connection.isMisdirected(snapshot, routing.host())) {
            throw Routing.misdirected();
        }
        return switch (application) {
            case FilterChain.Http http -> Routing.host(http, routing);
            case FilterChain.Mesh(MeshRoutes routes) -> findListed(routes, routing);
            case null, default -> throw ProxyException.gateway(ResponseFlag.NR, "filter_chain_not_found");
        };
    }

    private HttpHost findListed(MeshRoutes routes, RoutingContext routing) throws ProxyException {
        HostName tunnel = connection.tunnel();
        if (tunnel != null && !(tunnel.host().equals(routing.host()) && tunnel.port() == routing.port())) {
            throw ProxyException.denied(
                    "host_differs_from_tunnel",
                    "%s:%d was asked for in a tunnel to %s:%d; ask for a tunnel to it, or without one\n"
                            .formatted(routing.host(), routing.port(), tunnel.host(), tunnel.port()));
        }
        MeshHost host = MeshAdmission.admit(routes, MeshAdmission.Asked.request(routing.host(), routing.port()), facts);
        HttpHost http = host.http();
        if (http == null) {
            throw ProxyException.gateway(ResponseFlag.NR, "virtual_host_not_found");
        }
        return http;
    }

    private MatchedRoute findRoute(HttpHost host, RoutingContext routing) throws ProxyException {
        MatchedRoute matched = Routing.route(host, routing);
        RouteId id = matched.route().id();
        facts.routed(matched.routeName(), id.index(), id.virtualService());
        if (facts.trace != null) {
            facts.trace.route = matched.match().path();
        }
        return matched;
    }

    private void redirect(Redirect redirect, RoutingContext routing, RouteMatch match) {
        String location = redirect.location(routing, match);
        answer(LocalReply.head(redirect, location, editor(redirect.responseHeaders())), NO_BODY, "direct_response");
    }

    /// Of a response of the route's own.
    private HeaderOps.Editor<Headers> editor(HeaderOps operations) {
        return operations.isComposed()
                ? new ComposedFields(this, head.headers, null, List.of())
                : UpstreamRequest.FieldEditor.INSTANCE;
    }

    private void forward(Forward route, RoutingContext routing, MatchedRoute matched) throws ProxyException {
        WeightedCluster destination = route.pick(connection.loop.random.nextInt());
        if (checks == null
                || admits(
                        checks.beforeEndpoints(this, routing, destination, sent(route, destination, routing, matched)),
                        () -> forward(route, destination, routing, matched))) {
            forward(route, destination, routing, matched);
        }
    }

    private void forward(Forward route, WeightedCluster destination, RoutingContext routing, MatchedRoute matched)
            throws ProxyException {
        authorize(route, destination, routing, matched);
        if (isAnsweredByFilters(matched)) {
            return;
        }
        Cluster cluster = findCluster(destination);
        if (!route.websocketAllowed()) {
            if (head.isExtendedConnect()) {
                throw Routing.upgradeFailed();
            }
            head.upgrade = null;
        }
        if (cluster.spec().protocol() == UpstreamProtocol.GRPC_WEB) {
            detectGrpcWeb();
        }
        if (web != null) {
            web.translate(head, requestEnded);
        }
        UpstreamRequest.prepare(this, route, destination, routing, matched);
        response.edit(route, destination, routing);
        forwarding = new Forwarding(this, this, route, cluster, routing);
        forwarding.start();
        if (filtering == null) {
            forward();
        } else {
            filtering.proceed(routing, route, destination);
        }
    }

    private boolean isAnsweredByFilters(MatchedRoute matched) {
        RouteFilters filters = matched.route().filters();
        if (filters == RouteFilters.NONE) {
            return false;
        }
        filtering = new RouteFiltering(this, this, filters);
        response.edit(filtering);
        return filtering.answered();
    }

    private Cluster findCluster(WeightedCluster destination) throws ProxyException {
        Cluster cluster = snapshot.clusters().cluster(destination.clusterName());
        if (cluster == null) {
            facts.destination = DestinationFacts.unknown(destination.clusterName());
            throw ProxyException.gateway(ResponseFlag.NC, "cluster_not_found");
        }
        facts.destination = cluster.facts();
        boolean asksForTls = connection.mesh && connection.info.tls() == null && head.scheme.equals("https");
        if (asksForTls && cluster.spec().tls() == null) {
            throw ProxyException.denied(
                    "https_in_plain_text",
                    "%s was requested by https, and would be forwarded in plain text; open a tunnel to it (CONNECT), or set TLS in a DestinationRule"
                            .formatted(head.authority));
        }
        if (facts.trace != null) {
            facts.trace.encrypted = cluster.spec().tls() != null;
        }
        return cluster;
    }

    @Override
    public void forward() {
        try {
            if (forwarding != null) {
                forwarding.attempt();
            }
        } catch (RuntimeException defect) {
            rejectDefect(defect);
        }
    }

    @Override
    public void answer(ResponseHead reply, byte[] body, String details) {
        response.reply(reply, body, details);
        end();
    }

    /// Answers a request that will not be forwarded, or whose forwarding failed before a response began.
    @Override
    public void reject(ProxyException failure) {
        response.reply(failure);
        end();
    }

    @Override
    public void rejectDefect(RuntimeException defect) {
        if (!response.isStarted()) {
            reject(Failures.ofDefect(defect));
        }
    }

    @Override
    public void editResponse(List<HeaderEdit> edits) {
        response.edit(edits);
    }

    // What the client sends after its head.

    @Override
    public void onData(ByteBuf data, boolean end) {
        facts.bytesReceived += data.readableBytes();
        if (admission != null && admission.holds()) {
            admission.requestData(data, end);
        } else {
            requestData(data, end);
        }
    }

    @Override
    public void requestData(ByteBuf data, boolean end) {
        if (ended() || forwarding == null) {
            data.release();
            return;
        }
        try {
            relay(forwarding, web == null ? data : web.request(data, end), end);
        } catch (ProxyException malformed) {
            failRequest(malformed);
        }
    }

    private void relay(Forwarding to, ByteBuf data, boolean end) {
        requestEnded |= end;
        if (facts.grpc) {
            messages = messages == null ? new MessageCounter() : messages;
            facts.messages().request += messages.count(data);
        }
        if (filtering != null) {
            filtering.requestData(data, end);
        }
        to.requestData(data, end);
        if (end) {
            onRequestEnd(to);
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        if (admission != null && admission.holds()) {
            admission.requestTrailers(trailers);
        } else {
            requestTrailers(trailers);
        }
    }

    @Override
    public void requestTrailers(Headers trailers) {
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
        requestEnded = true;
        forwarding.takeOutUntrusted(trailers);
        if (filtering != null) {
            filtering.requestTrailers(trailers);
        }
        forwarding.requestTrailers(trailers);
        onRequestEnd(forwarding);
    }

    private void onRequestEnd(Forwarding to) {
        if (facts.log != null) {
            facts.log.requestEnded();
        }
        if (response.isSwitched()) {
            endSwitched();
        } else if (!ended()) {
            to.requestComplete();
        }
    }

    /// The content of the request is malformed, though its framing is not.
    private void failRequest(ProxyException malformed) {
        if (response.isStarted()) {
            facts.cut(malformed.flag(), malformed.details());
            downstream.reset(StreamError.CANCEL);
            end();
        } else {
            reject(malformed);
        }
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (ended()) {
            return;
        }
        if (!response.isStarted() && Failures.mayBeAnswered(error, head.version)) {
            reject(ProxyException.downstream(
                    StreamEnd.flagOf(error), Failures.statusOfClient(error, HttpVersion.HTTP_1_1), details));
            return;
        }
        facts.flag = StreamEnd.flagOf(error);
        facts.details = details;
        facts.status = response.isStarted() ? facts.status : Failures.statusOfClient(error, head.version);
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

    // What the endpoint sends.

    @Override
    public void onResponse(ResponseHead head, boolean end) {
        if (head.status == 101) {
            onSwitch();
        }
        if (response.head(head, end)) {
            onResponseEnd();
        } else if (web != null && web.holds() && forwarding != null) {
            forwarding.finishWithin(LONGEST_REFUSED_NANOS);
        }
    }

    @Override
    public void onResponseData(ByteBuf data, boolean end) {
        if (response.data(data, end)) {
            if (!end && forwarding != null) {
                forwarding.responseSuffices();
            }
            onResponseEnd();
        }
    }

    @Override
    public void onResponseTrailers(Headers trailers) {
        response.trailers(trailers);
        onResponseEnd();
    }

    private void onResponseEnd() {
        responseEnded = true;
        if (response.isSwitched()) {
            endSwitched();
        } else {
            end();
        }
    }

    @Override
    public void onResponseCut(ResponseFlag flag, String details) {
        response.cut(flag, details);
        end();
    }

    @Override
    public void onNoResponse(ProxyException failure) {
        reject(failure);
    }

    // A connection that was switched to another protocol.

    /// What was the request's end is the beginning of the client's bytes.
    private void onSwitch() {
        requestEnded = false;
        openTunnel();
        // The configuration may have changed since it let this request pass.
        downstream.eventLoop().execute(() -> recheck(connection.loop.snapshots.current()));
    }

    @Override
    public void recheck(Snapshot current) {
        if (ended()) {
            return;
        }
        RegexMatch.begin();
        try {
            Denial denial = authorization == null ? null : authorization.judge(current);
            if (denial != null) {
                facts.policy = facts.policy.denied(denial.policy());
                revoke(denial.details());
            } else if (!connection.isListed(current, facts, EgressPermit.Kind.HTTP)) {
                revoke(OpenTunnels.REVOKED);
            }
        } catch (RegexMatch.TooCostlyException refused) {
            revoke(refused.answer().details());
        }
    }

    private void revoke(String details) {
        if (forwarding != null) {
            forwarding.abort(ResponseFlag.RBAC);
        }
        response.cut(ResponseFlag.RBAC, details);
        end();
    }

    private void endSwitched() {
        if (requestEnded && responseEnded) {
            if (forwarding != null) {
                forwarding.completed();
            }
            end();
        }
    }

    @Override
    void letGo() {
        if (admission != null) {
            admission.end();
        }
        if (forwarding != null) {
            forwarding.release();
        }
        if (filtering != null) {
            filtering.end();
        }
    }
}
