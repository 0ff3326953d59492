package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.jwt.TokenRules;
import io.sallyport.outcome.MirrorOutcome;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.policy.PolicySet;
import io.sallyport.route.Forward;
import io.sallyport.route.Mirror;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.EndpointPolicies;
import io.sallyport.snapshot.Policies;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The copies of one request. Bodies are shared, not copied: each mirror has a view of the bytes.
final class Mirroring {
    private static final String SHADOW = "-shadow";

    private final List<MirroredRequest> copies;

    private Mirroring(List<MirroredRequest> copies) {
        this.copies = copies;
    }

    /// Draws which mirrors get the request, whose head is as the upstream is to get it; null for none.
    static @Nullable Mirroring of(
            List<Mirror> mirrors,
            ClientExchange request,
            RoutingContext context,
            Forward route,
            WeightedCluster destination) {
        ProxyLoop loop = request.connection.loop;
        List<MirroredRequest> copies = new ArrayList<>(mirrors.size());
        for (Mirror mirror : mirrors) {
            if (!mirror.share().includes(loop.random.nextInt())) {
                continue;
            }
            RequestHead copy = request.head.copy();
            // They are for whom the request is for, and for nobody else.
            route.removeCredentials(destination, copy.headers, UpstreamRequest.FieldEditor.INSTANCE);
            copy.authority = shadow(copy.authority);
            TokenRules tokens = rulesThatPass(mirror, copy, request, context);
            if (tokens == null || !begins(loop, mirror.clusterName())) {
                loop.observer.onMirrorEnd(mirror.clusterName(), MirrorOutcome.DROPPED);
                continue;
            }
            copies.add(new MirroredRequest(
                    request, mirror.clusterName(), copy, tokens, route.timeout().toNanos()));
        }
        return copies.isEmpty() ? null : new Mirroring(copies);
    }

    private static boolean begins(ProxyLoop loop, String cluster) {
        if (!loop.mirrors.begin(cluster)) {
            return false;
        }
        boolean begins = loop.descriptors.take(DescriptorLimit.Use.MIRRORS);
        if (!begins) {
            loop.mirrors.end(cluster);
        }
        return begins;
    }

    /// A mirror's endpoints have policies of their own.
    ///
    /// @return their rules for tokens; null where the copy may not reach them
    private static @Nullable TokenRules rulesThatPass(
            Mirror mirror, RequestHead copy, ClientExchange request, RoutingContext context) {
        Policies policies = request.snapshot.authorization();
        Cluster cluster =
                policies.isEmpty() ? null : request.snapshot.clusters().cluster(mirror.clusterName());
        if (cluster == null) {
            return TokenRules.NONE;
        }
        EndpointPolicies.Judges judges = policies.ofCluster(cluster, context.host(), context.port());
        TokenRules tokens = judges.policies().tokens();
        context.claimsFor(tokens);
        if (!tokens.isEmpty() && !TokenCheck.passes(tokens, copy, request, context)) {
            return null;
        }
        PolicySet ofEndpoints = judges.policies().requests(request.connection.mesh);
        PolicyRequest sent =
                ofEndpoints.isEmpty() ? context : SentRequest.of(copy, context, request.connection.paths());
        for (int port : judges.ports()) {
            context.policyPort(port);
            // Nobody is asked about a copy.
            if (ofEndpoints.authorizer(context) != null
                    || ofEndpoints.judge(context) != null
                    || ofEndpoints.authorizer(sent) != null
                    || ofEndpoints.denial(sent) != null) {
                return null;
            }
        }
        return tokens;
    }

    /// The host of the copy, which tells it from the request in the mirror's logs: `-shadow` behind the name, in front
    /// of a port (Envoy `shadow_writer_impl.cc`). An IPv6 literal stays, for it would be none any more.
    static String shadow(String authority) {
        if (authority.isEmpty() || authority.startsWith("[")) {
            return authority;
        }
        int colon = authority.lastIndexOf(':');
        return colon < 0 ? authority + SHADOW : authority.substring(0, colon) + SHADOW + authority.substring(colon);
    }

    void begin(RoutingContext context) {
        for (int i = 0; i < copies.size(); i++) {
            copies.get(i).begin(context);
        }
    }

    /// The buffer stays the caller's.
    void data(ByteBuf data, boolean end) {
        for (int i = 0; i < copies.size(); i++) {
            copies.get(i).requestData(data, end);
        }
    }

    void trailers(Headers trailers) {
        for (int i = 0; i < copies.size(); i++) {
            copies.get(i).requestTrailers(trailers);
        }
    }

    void flush() {
        for (int i = 0; i < copies.size(); i++) {
            copies.get(i).flush();
        }
    }

    void exchangeEnded() {
        for (int i = 0; i < copies.size(); i++) {
            copies.get(i).exchangeEnded();
        }
    }
}
