package io.sallyport.explain;

import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.format.ParsedFormat;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.WebSocketHandshake;
import io.sallyport.net.HostName;
import io.sallyport.net.RegexMatch;
import io.sallyport.outcome.ProxyException;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Caller;
import io.sallyport.proxy.ForwardedHeaders;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.proxy.Routing;
import io.sallyport.proxy.RoutingContext;
import io.sallyport.proxy.SentRequest;
import io.sallyport.proxy.UpstreamRequest;
import io.sallyport.route.CredentialText;
import io.sallyport.route.DirectResponse;
import io.sallyport.route.Forward;
import io.sallyport.route.HeaderOps;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.PathNormalizer;
import io.sallyport.route.Redirect;
import io.sallyport.route.RouteIndex;
import io.sallyport.route.RouteMatch;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.ListenerSnapshot;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Walks a request through a plan: listener, filter chain, virtual host, route, clusters. Decisions are taken by the
/// same code as in the proxy; only the choice by weight is left open.
public final class RequestExplainer {
    private final SnapshotPlan plan;
    private final ProxySettings settings;
    private final PolicyExplainer policies;
    private final BytesExplainer bytes;
    private final UnservedHost unserved;

    /// @param index of the configuration that the plan was compiled from; null where it is not known
    public RequestExplainer(SnapshotPlan plan, ProxySettings settings, @Nullable ConfigurationIndex index) {
        this.plan = plan;
        this.settings = settings;
        this.policies = new PolicyExplainer(plan);
        this.bytes = new BytesExplainer(plan, policies);
        this.unserved = new UnservedHost(plan, index);
    }

    Explanation explain(ExplainedRequest request) {
        Explanation answer = new Explanation();
        if (request.mesh() != null) {
            new MeshExplainer(plan, settings.paths().mesh(), this, bytes, policies).explain(request, answer);
            return answer;
        }
        answer.listener = findListener(request.port());
        if (answer.listener == null) {
            answer.refuse(null, null, "no_listener_on_port_" + request.port());
            answer.explanation = unserved.ports();
            return answer;
        }
        answer.chain = findChain(answer.listener, request, answer);
        if (answer.chain == null) {
            return answer;
        }
        try {
            if (answer.chain.application() instanceof FilterChain.Http http) {
                explainHttp(http, answer.listener, answer.chain, request, answer);
            } else {
                bytes.explain(answer.listener, answer.chain, request, serverName(request), answer);
            }
        } catch (ProxyException refused) {
            answer.refuse(refused);
        } catch (RegexMatch.TooCostlyException refused) {
            answer.refuse(refused.answer());
        }
        return answer;
    }

    /// Whether clients of that port speak TLS.
    boolean isTls(int port) {
        ListenerSnapshot listener = findListener(port);
        return listener != null && listener.tls();
    }

    /// By the Gateway's port number, else by the port that is bound.
    private @Nullable ListenerSnapshot findListener(int port) {
        ListenerSnapshot byBind = null;
        for (ListenerSnapshot listener : plan.listeners().values()) {
            if (listener.port() == port) {
                return listener;
            }
            byBind = listener.bind().port() == port ? listener : byBind;
        }
        return byBind;
    }

    private @Nullable FilterChain findChain(ListenerSnapshot listener, ExplainedRequest request, Explanation answer) {
        if (listener.tls() != request.tls()) {
            answer.refuse(null, "NR", listener.tls() ? "plain_text_on_tls_port" : "tls_on_plain_text_port");
            return null;
        }
        FilterChain chain = listener.tls() ? listener.chainFor(serverName(request), true) : listener.plain();
        if (chain == null) {
            answer.refuse(null, "NR", "filter_chain_not_found");
            answer.explanation = unserved.serverNames(listener);
        }
        return chain;
    }

    /// What a client puts into its ClientHello: the host's name; nothing for an address (RFC 6066, 3).
    static @Nullable String serverName(ExplainedRequest request) {
        if (request.sni() != null) {
            return request.sni().isEmpty() ? null : HostName.canonical(request.sni());
        }
        HostName host = HostName.parse(request.host());
        boolean named = request.tls()
                && !host.isRejected()
                && !host.host().startsWith("[")
                && !NetUtil.isValidIpV4Address(host.host());
        return named ? host.host() : null;
    }

    private void explainHttp(
            FilterChain.Http http,
            ListenerSnapshot listener,
            FilterChain chain,
            ExplainedRequest request,
            Explanation answer)
            throws ProxyException {
        RequestHead head = head(request);
        Routing.checkMethod(head.method);
        ConnectionInfo info = info(request);
        new ForwardedHeaders(settings.trustedHops(), settings.clientCert().mode())
                .origin(head, info, ForwardedHeaders.peerAddress(info));
        head.headers.remove(HeaderNames.X_FORWARDED_CLIENT_CERT);
        boolean grpc = Routing.isGrpc(head.headers.get(HeaderNames.CONTENT_TYPE));
        RoutingContext context = RoutingContext.of(
                head,
                HostName.parse(head.authority),
                listener.port(),
                settings.paths().gateway(),
                grpc);
        FilterChain owner = listener.otherOwner(chain, context.host());
        if (owner != null) {
            answer.refuse(Routing.misdirected());
            answer.explanation = misdirection(context.host(), owner, chain, serverName(request));
            return;
        }
        context.from(
                caller(info, request.principal(), serverName(request)),
                listener.bind().port());
        HttpHost found = http.hosts().lookup(context.host());
        policies.judge(found == null ? List.of() : found.gateways(), AppliedPolicies::requests, context, answer);
        if (found == null) {
            answer.refuse(Routing.hostNotFound());
            answer.explanation = unserved.why(context.host(), listener);
            return;
        }
        HttpHost host = Routing.host(http, context);
        answer.server = host.server();
        if (host.httpsRedirect() && !context.scheme().equals("https")) {
            answer.virtualHost = host.name();
            redirect(Redirect.TO_HTTPS, context, RouteMatch.ANY, answer);
            return;
        }
        explainRoute(host, head, context, answer);
    }

    /// @param principal the client's verified identity, or null where nobody sees one
    static Caller caller(ConnectionInfo info, @Nullable String principal, @Nullable String sni) {
        InetSocketAddress remote =
                info.remote() instanceof InetSocketAddress inet && !inet.isUnresolved() ? inet : null;
        return new Caller(
                principal == null ? List.of() : List.of(principal), remote, remote, null, sni == null ? "" : sni);
    }

    private static String misdirection(String host, FilterChain owner, FilterChain chosen, @Nullable String sni) {
        String handshake = sni == null ? "a handshake without a server name" : "the server name " + sni;
        String demand = owner.demandsClientCertificate() ? ", which demands a client certificate" : "";
        return host + " belongs to " + owner.server() + " (hosts " + String.join(", ", owner.serverNames()) + ")"
                + demand + "; " + handshake + " leads to " + chosen.server() + ". Connect with the server name " + host;
    }

    /// From the virtual host on.
    void explainRoute(HttpHost host, RequestHead head, RoutingContext context, Explanation answer)
            throws ProxyException {
        answer.virtualHost = host.name();
        RouteIndex routes = host.routes();
        MatchedRoute matched = routes.find(context);
        answer.considered.addAll(routes.triedBefore(matched, context));
        matched = Routing.route(host, context);
        answer.matched = matched;
        switch (matched.route().action()) {
            case Redirect redirect -> redirect(redirect, context, matched.match(), answer);
            case DirectResponse direct -> {
                answer.action = "direct_response";
                answer.status = direct.status();
            }
            case Forward forward -> forward(forward, head, context, matched, answer);
        }
    }

    private static void redirect(Redirect redirect, RoutingContext context, RouteMatch match, Explanation answer) {
        answer.action = "redirect";
        answer.status = redirect.status();
        answer.location = redirect.location(context, match);
    }

    private void forward(
            Forward forward, RequestHead head, RoutingContext context, MatchedRoute matched, Explanation answer)
            throws ProxyException {
        answer.action = "forward";
        answer.forward = forward;
        bytes.destinations(forward.clusters(), answer);
        if (answer.refused) {
            return;
        }
        WeightedCluster heaviest = PolicyExplainer.heaviest(forward.clusters());
        boolean mesh = answer.permit != null;
        PathNormalizer paths = mesh ? settings.paths().mesh() : settings.paths().gateway();
        policies.judgeEndpoints(
                forward.clusters(),
                context.host(),
                context.port(),
                applied -> applied.requests(mesh),
                port -> {
                    context.policyPort(port);
                    return context;
                },
                () -> forward.changesRequest(heaviest)
                        ? SentRequest.of(head.copy(), forward, heaviest, context, matched, paths, Described.INSTANCE)
                        : context,
                answer);
        UpstreamRequest.setExpectedTimeout(head, forward, context.isGrpc());
        UpstreamRequest.rewrite(head, forward, heaviest, context, matched, Described.INSTANCE);
        answer.upstreamAuthority = head.authority;
        answer.upstreamPath = head.path;
        answer.upstreamHost = context.sentHost();
        for (Explanation.Destination destination : answer.clusters) {
            ClusterSpec spec = destination.spec();
            if (spec != null && destination.weighted() == heaviest) {
                answer.upstreamTls = spec.tls();
            }
        }
        for (int i = 0; i < head.headers.size(); i++) {
            answer.upstreamHeaders.merge(
                    head.headers.name(i).toString(),
                    head.headers.value(i).toString(),
                    (one, other) -> one + "," + other);
        }
    }

    /// Shows what a credential is, and never the credential; and what a value is made of.
    private enum Described implements HeaderOps.Editor<Headers> {
        INSTANCE;

        @Override
        public void remove(Headers headers, AsciiString name) {
            UpstreamRequest.FieldEditor.INSTANCE.remove(headers, name);
        }

        @Override
        public void set(Headers headers, AsciiString name, AsciiString value) {
            UpstreamRequest.FieldEditor.INSTANCE.set(headers, name, value);
        }

        @Override
        public void add(Headers headers, AsciiString name, AsciiString value) {
            UpstreamRequest.FieldEditor.INSTANCE.add(headers, name, value);
        }

        @Override
        public AsciiString text(ParsedFormat value) {
            return new AsciiString(value.source());
        }

        @Override
        public boolean set(Headers headers, AsciiString name, CredentialText value) {
            headers.set(name, new AsciiString(value.description()));
            return true;
        }
    }

    static RequestHead head(ExplainedRequest request) {
        Headers headers = new Headers();
        String scheme = request.tls() ? "https" : "http";
        RequestHead head = new RequestHead(
                HttpVersion.HTTP_1_1, request.method(), scheme, request.host(), request.path(), headers);
        request.headers().forEach((name, value) -> {
            AsciiString lower = new AsciiString(name.toLowerCase(Locale.ROOT));
            if (lower.equals(HeaderNames.UPGRADE) && value.equalsIgnoreCase(WebSocketHandshake.PROTOCOL)) {
                head.upgrade = WebSocketHandshake.PROTOCOL;
            } else if (!lower.equals(HeaderNames.HOST) && !HopByHop.isHopByHop(lower)) {
                headers.add(lower, value);
            }
        });
        return head;
    }

    static ConnectionInfo info(ExplainedRequest request) {
        ConnectionInfo.Tls tls = request.tls()
                ? new ConnectionInfo.Tls(
                        "TLSv1.3",
                        "-",
                        "".equals(request.sni()) ? null : request.sni(),
                        null,
                        null,
                        request.principal())
                : null;
        return new ConnectionInfo(0, BytesExplainer.source(request), new InetSocketAddress(0), tls);
    }
}
