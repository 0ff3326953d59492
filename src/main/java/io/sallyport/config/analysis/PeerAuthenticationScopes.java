package io.sallyport.config.analysis;

import io.sallyport.config.index.MergeOrder;
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.problem.ProblemCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// PeerAuthentications that another one of the same scope, or their place, leaves without effect.
final class PeerAuthenticationScopes implements Analyzer {
    private record Scope(String namespace, Map<String, String> selector) {}

    @Override
    public void analyze(AnalysisContext context) {
        List<PeerAuthentication> byName = context.index().configuration().peerAuthentications().stream()
                .sorted(MergeOrder.OLDEST_FIRST)
                .toList();
        Map<Scope, PeerAuthentication> first = new HashMap<>();
        for (PeerAuthentication policy : byName) {
            String namespace = policy.meta().namespace();
            Map<String, String> selector = policy.selector() == null ? Map.of() : policy.selector();
            PeerAuthentication before = first.putIfAbsent(new Scope(namespace, selector), policy);
            if (policy.isForWorkloads()
                    && namespace.equals(context.index().scope().rootNamespace())) {
                context.report(
                        ProblemCode.IGNORED_PEER_AUTHENTICATION,
                        policy.meta().at(),
                        "spec.selector",
                        policy.meta() + " selects workloads, and the root namespace " + namespace + " is for the mesh",
                        "delete the selector, or put the policy into the workloads' namespace");
            } else if (before != null) {
                context.report(
                        ProblemCode.IGNORED_PEER_AUTHENTICATION,
                        policy.meta().at(),
                        "metadata.name",
                        policy.meta() + " is for the same workloads as " + before.meta() + " ("
                                + before.meta().at() + "), which holds: the first by name does",
                        "delete one of the two");
            }
        }
    }
}
