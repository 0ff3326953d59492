package io.sallyport.config.analysis;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Server;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What this instance listens on, as far as a policy is for it.
///
/// @param bound the ports that are bound
/// @param moved Gateway ports to the other port that is bound for them
/// @param tcp bound ports without HTTP, and the Gateway of each
record PolicyScope(Set<Integer> bound, Map<Integer, Integer> moved, SortedMap<Integer, Gateway> tcp) {
    /// The scopes of policies, each made once.
    static final class Scopes {
        private final AnalysisContext context;
        private final PolicyScope instance;
        private final Map<String, PolicyScope> byGateway = new HashMap<>();

        Scopes(AnalysisContext context) {
            this.context = context;
            instance = of(context.index().selectedGateways());
            for (Gateway gateway : context.index().selectedGateways()) {
                byGateway.put(gateway.meta().qualifiedName(), of(List.of(gateway)));
            }
        }

        private PolicyScope of(List<Gateway> gateways) {
            PolicyScope scope = new PolicyScope(new HashSet<>(), new HashMap<>(), new TreeMap<>());
            for (Gateway gateway : gateways) {
                for (Server server : gateway.servers()) {
                    int number = server.port().number();
                    int bound = context.options().boundPort(number);
                    scope.bound.add(bound);
                    if (bound != number) {
                        scope.moved.put(number, bound);
                    }
                    if (!ServerKind.of(server).routes().equals("http")) {
                        scope.tcp.putIfAbsent(bound, gateway);
                    }
                }
            }
            return scope;
        }

        /// All that the policy is for; empty where it is for endpoints only.
        List<PolicyScope> of(AuthorizationPolicy policy) {
            if (context.index().policies().selectsInstance(policy)) {
                return List.of(instance);
            }
            List<PolicyScope> scopes = new ArrayList<>(policy.targets().size());
            for (TargetRef target : policy.targets()) {
                PolicyScope scope = byGateway.get(policy.meta().namespace() + "/" + target.name());
                if (target.kind().equals("Gateway") && scope != null) {
                    scopes.add(scope);
                }
            }
            return scopes;
        }
    }
}
