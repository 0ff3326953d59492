package io.sallyport.explain;

import io.netty.util.NetUtil;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.egress.EgressPermit;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.RequestHead;
import io.sallyport.net.HostName;
import io.sallyport.net.NumericHost;
import io.sallyport.net.RegexMatch;
import io.sallyport.outcome.ClientFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Caller;
import io.sallyport.proxy.Routing;
import io.sallyport.proxy.RoutingContext;
import io.sallyport.route.PathNormalizer;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Workload;
import io.sallyport.tunnel.MeshAdmission;
import io.sallyport.tunnel.TunnelGate;
import io.sallyport.tunnel.TunnelRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Walks what a mesh client asks for through the egress list and its routes.
final class MeshExplainer {
    private final SnapshotPlan plan;
    private final PathNormalizer paths;
    private final RequestExplainer requests;
    private final BytesExplainer bytes;
    private final PolicyExplainer policies;

    MeshExplainer(
            SnapshotPlan plan,
            PathNormalizer paths,
            RequestExplainer requests,
            BytesExplainer bytes,
            PolicyExplainer policies) {
        this.plan = plan;
        this.paths = paths;
        this.requests = requests;
        this.bytes = bytes;
        this.policies = policies;
    }

    void explain(ExplainedRequest request, Explanation answer) {
        for (ListenerSnapshot listener : plan.listeners().values()) {
            for (FilterChain chain : listener.chains().values()) {
                if (chain.application() instanceof FilterChain.Mesh(MeshRoutes routes)) {
                    answer.listener = listener;
                    answer.chain = chain;
                    if (listener.plain() == null && isUnproven(request)) {
                        answer.refuse(null, "NR", "plain_text_on_tls_port");
                        answer.explanation =
                                "the mesh listener takes clients with a certificate only; say whose by --principal";
                    } else {
                        explain(routes, request, answer);
                    }
                    return;
                }
            }
        }
        answer.refuse(null, null, "no_mesh_listener");
    }

    /// The client speaks plain text to the listener, or TLS to somebody else.
    private static boolean isUnproven(ExplainedRequest request) {
        return request.principal() == null || request.mesh() == ExplainedRequest.Mesh.SERVER_NAME;
    }

    private void explain(MeshRoutes routes, ExplainedRequest request, Explanation answer) {
        RequestFacts facts = new RequestFacts();
        facts.client = ClientFacts.of(BytesExplainer.source(request), request.principal());
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(request.sourceIp());
        Workload client = routes.workloads().of(address, request.principal());
        try {
            switch (request.mesh()) {
                case REQUEST -> request(routes, request, client, facts, answer);
                case TUNNEL -> tunnel(routes, request, client, facts, answer);
                case SERVER_NAME -> serverName(routes, request, client, facts, answer);
                case null -> throw new IllegalArgumentException("not for the mesh listener");
            }
        } catch (ProxyException refused) {
            answer.refuse(refused);
        } catch (RegexMatch.TooCostlyException refused) {
            answer.refuse(refused.answer());
        }
    }

    private void request(
            MeshRoutes routes, ExplainedRequest request, Workload client, RequestFacts facts, Explanation answer)
            throws ProxyException {
        RequestHead head = RequestExplainer.head(request);
        Routing.checkMethod(head.method);
        head.headers.remove(HeaderNames.X_FORWARDED_CLIENT_CERT);
        head.headers.remove(HeaderNames.X_ENVOY_EXTERNAL_ADDRESS);
        boolean grpc = Routing.isGrpc(head.headers.get(HeaderNames.CONTENT_TYPE));
        RoutingContext context = RoutingContext.asked(head, HostName.parse(head.authority), paths, grpc, client)
                .from(caller(request, null), boundPort(answer));
        policies.judge(List.of(), AppliedPolicies::meshRequests, context, answer);
        MeshHost host = MeshAdmission.admit(routes, MeshAdmission.Asked.request(context.host(), context.port()), facts);
        answer.permit = host.permit();
        HttpHost http = host.http();
        if (http == null) {
            throw ProxyException.gateway(ResponseFlag.NR, "virtual_host_not_found");
        }
        answer.server = http.server();
        requests.explainRoute(http, head, context, answer);
    }

    private void tunnel(
            MeshRoutes routes, ExplainedRequest request, Workload client, RequestFacts facts, Explanation answer)
            throws ProxyException {
        HostName asked = HostName.parse(request.host());
        if (asked.isRejected() || asked.port() == 0) {
            throw ProxyException.downstream(ResponseFlag.DPE, 400, "invalid_host");
        }
        TunnelRequest connect =
                new TunnelRequest(caller(request, null), boundPort(answer), RequestExplainer.head(request));
        policies.judge(List.of(), AppliedPolicies::meshRequests, connect, answer);
        MeshHost host = MeshAdmission.admit(routes, MeshAdmission.Asked.tunnel(asked), facts);
        EgressPermit.Kind kind = host.permit().kind();
        answer.permit = host.permit();
        if (kind == EgressPermit.Kind.HTTP) {
            answer.action = "tunnel of requests, which are routed as those without one";
            return;
        }
        String sni = sni(request, asked);
        List<String> names = routes.names(asked.host(), asked.port());
        String forbidden = TunnelGate.forbids(host.permit(), new TunnelGate.Named(asked.host(), names), sni);
        if (forbidden != null) {
            answer.refuse(null, ResponseFlag.RBAC.name(), forbidden);
            return;
        }
        answer.action = "tunnel";
        policies.judge(List.of(), AppliedPolicies::tunnels, connect, answer);
        MeshHost meant = routes.find(asked.host(), asked.port(), sni);
        InetSocketAddress source = BytesExplainer.source(request);
        bytes.explain(
                MeshAdmission.route(meant == null ? host : meant, sni, null, source, client),
                new BytesExplainer.Asked(connect, asked.host(), asked.port()),
                answer);
    }

    /// What the client says in the tunnel: the name of the tunnel itself, unless another is given.
    private static @Nullable String sni(ExplainedRequest request, HostName asked) {
        if (request.sni() != null) {
            return HostName.canonical(request.sni());
        }
        return NumericHost.isAddress(asked.host()) ? null : asked.host();
    }

    private void serverName(
            MeshRoutes routes, ExplainedRequest request, Workload client, RequestFacts facts, Explanation answer)
            throws ProxyException {
        String sni = RequestExplainer.serverName(request);
        TunnelRequest connection = new TunnelRequest(caller(request, sni), boundPort(answer), null);
        policies.judge(List.of(), AppliedPolicies::connections, connection, answer);
        MeshHost host = MeshAdmission.admitServerName(routes, sni, false, facts);
        answer.permit = host.permit();
        answer.action = "tls";
        InetSocketAddress source = BytesExplainer.source(request);
        bytes.explain(
                MeshAdmission.route(host, sni, null, source, client),
                new BytesExplainer.Asked(connection, sni == null ? "" : sni, MeshAdmission.HTTPS),
                answer);
    }

    /// @param sni where only the ClientHello says where to: then nobody sees a certificate
    private static Caller caller(ExplainedRequest request, @Nullable String sni) {
        return RequestExplainer.caller(RequestExplainer.info(request), sni == null ? request.principal() : null, sni);
    }

    private static int boundPort(Explanation answer) {
        return answer.listener == null ? 0 : answer.listener.bind().port();
    }
}
