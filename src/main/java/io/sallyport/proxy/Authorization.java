package io.sallyport.proxy;

import io.sallyport.cluster.Cluster;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Denial;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.policy.PolicySet;
import io.sallyport.snapshot.EndpointPolicies;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.Policies;
import io.sallyport.snapshot.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request that is on its way to the endpoints of a cluster, as their policies judge it: before it is sent, before
/// each further attempt where the endpoints have changed, and, once it has switched protocols, after each change
/// of the configuration.
final class Authorization {
    private final HttpConnection connection;
    private final RoutingContext routing;
    private final PolicyRequest sent;
    private final RequestFacts facts;
    private final Policies policies;
    private final Cluster cluster;
    private EndpointPolicies.@Nullable Judges judges;

    /// @param sent the request as the endpoints get it: what denies the one or the other denies the request
    Authorization(ClientExchange request, RoutingContext routing, PolicyRequest sent, Cluster cluster) {
        this.connection = request.connection;
        this.routing = routing;
        this.sent = sent;
        this.facts = request.facts;
        this.policies = request.snapshot.authorization();
        this.cluster = cluster;
    }

    /// The policies of this instance and of the Gateways that offer the host.
    static List<AppliedPolicies> onArrival(
            Policies policies, FilterChain.@Nullable Application application, RoutingContext routing) {
        HttpHost host = policies.hasGateways() && application instanceof FilterChain.Http http
                ? http.hosts().lookup(routing.host())
                : null;
        return policies.at(host == null ? List.of() : host.gateways());
    }

    /// Judges the request, unless these very endpoints' policies have done so. Where the endpoints are others
    /// than those whose checks it has passed, since it waited or is tried again, it is denied what they would
    /// have it checked for.
    ///
    /// @throws ProxyException 403 where it is denied
    void enforce() throws ProxyException {
        EndpointPolicies.Judges now = policies.ofCluster(cluster, routing.host(), routing.port());
        if (now == judges) {
            return;
        }
        judges = now;
        boolean others = now.policies() != routing.checked();
        if (others && !now.policies().tokens().areWithin(routing.tokenRules())) {
            throw ProxyException.gateway(ResponseFlag.RBAC, "jwt_authn_access_denied{endpoints_changed}");
        }
        routing.claimsFor(now.policies().tokens());
        for (int port : now.ports()) {
            routing.policyPort(port);
            PolicySet ofEndpoints = now.policies().requests(connection.mesh);
            if (others) {
                denyUnasked(ofEndpoints, routing);
            }
            ofEndpoints.enforce(routing, facts);
            if (sent != routing) {
                if (others) {
                    denyUnasked(ofEndpoints, sent);
                }
                ofEndpoints.enforceDenials(sent, facts);
            }
        }
    }

    /// Nobody is asked once a request is on its way.
    private void denyUnasked(PolicySet ofEndpoints, PolicyRequest request) throws ProxyException {
        Denial unasked = ofEndpoints.unasked(request, routing::hasAsked);
        if (unasked != null) {
            facts.policy = facts.policy.denied(unasked.policy());
            throw unasked.exception();
        }
    }

    /// @return why another generation would not have let the request pass; null where it would
    @Nullable
    Denial judge(Snapshot other) {
        Policies others = other.authorization();
        if (others.isEmpty()) {
            return null;
        }
        routing.policyPort(connection.boundPort());
        for (AppliedPolicies applied : onArrival(others, connection.application(other), routing)) {
            routing.claimsFor(applied.tokens());
            Denial denial = applied.requests(connection.mesh).judge(routing, routing::hasAsked);
            if (denial != null) {
                return denial;
            }
        }
        EndpointPolicies.Judges now = others.ofCluster(cluster, routing.host(), routing.port());
        routing.claimsFor(now.policies().tokens());
        for (int port : now.ports()) {
            routing.policyPort(port);
            Denial denial = judge(now.policies().requests(connection.mesh));
            if (denial != null) {
                return denial;
            }
        }
        return null;
    }

    private @Nullable Denial judge(PolicySet ofEndpoints) {
        Denial denial = ofEndpoints.judge(routing, routing::hasAsked);
        if (denial == null && sent != routing) {
            Denial unasked = ofEndpoints.unasked(sent, routing::hasAsked);
            denial = unasked == null ? ofEndpoints.denial(sent) : unasked;
        }
        return denial;
    }
}
