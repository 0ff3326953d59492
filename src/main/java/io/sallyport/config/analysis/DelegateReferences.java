package io.sallyport.config.analysis;

import io.sallyport.config.index.DelegateMerger;
import io.sallyport.config.index.MatchLiterals;
import io.sallyport.config.index.MatchNarrowing;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.index.VirtualServiceTrait;
import io.sallyport.config.model.Delegate;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Routes that delegate (`HTTPRoute.delegate`): to whom, and whether the delegate's routes can take effect.
final class DelegateReferences implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        Set<String> used = new HashSet<>();
        for (VirtualService root : context.index().virtualServices().those(VirtualServiceTrait.DELEGATING)) {
            for (int i = 0; i < root.http().size(); i++) {
                HttpRoute route = root.http().get(i);
                if (route.delegate() != null) {
                    used.add(DelegateMerger.qualifiedName(route.delegate(), root));
                    check(context, root, route, route.delegate(), Fields.item("spec.http", i) + ".delegate");
                }
            }
        }
        for (VirtualService candidate : context.index().virtualServices().those(VirtualServiceTrait.DELEGATE)) {
            if (!used.contains(candidate.meta().qualifiedName())) {
                context.report(
                        ProblemCode.UNUSED_DELEGATE,
                        candidate.meta().at(),
                        "spec.hosts",
                        candidate.meta() + " has no hosts, and no route delegates to it: it has no effect",
                        "give it hosts, or a route that delegates to it");
            }
        }
    }

    private static void check(
            AnalysisContext context, VirtualService root, HttpRoute route, Delegate delegate, String field) {
        VirtualService target = context.index().delegates().target(delegate, root);
        String name = DelegateMerger.qualifiedName(delegate, root);
        if (target == null) {
            String message = root.meta() + " delegates to " + name + ", but there is no such VirtualService";
            String hint = context.didYouMean(
                    name,
                    context.index().virtualServices().names(),
                    "add it, or mend the delegate's name and namespace");
            context.report(ProblemCode.UNKNOWN_DELEGATE, delegate.at(), field, message, hint);
        } else if (!VirtualServiceIndex.isDelegate(target)) {
            String message = target.meta() + ", which " + root.meta() + " delegates to, has hosts of its own";
            context.conflict(
                    ProblemCode.NOT_A_DELEGATE,
                    delegate.at(),
                    field,
                    message,
                    "take hosts and gateways out of it",
                    target.meta().at());
        } else if (!DelegateMerger.isUsable(target, root)) {
            String namespace = root.meta().namespace();
            String message =
                    target.meta() + " is not exported to namespace " + Quote.of(namespace) + " of " + root.meta();
            String hint = "add " + Quote.of(namespace) + " to its exportTo";
            context.conflict(
                    ProblemCode.DELEGATE_HIDDEN,
                    delegate.at(),
                    field,
                    message,
                    hint,
                    target.meta().at());
        } else {
            checkMatches(context, root, route, target, field);
        }
    }

    private static void checkMatches(
            AnalysisContext context, VirtualService root, HttpRoute route, VirtualService target, String field) {
        String gateway = VirtualServiceIndex.gatewaysOf(root).iterator().next();
        MatchLiterals literals = new MatchLiterals(context.options().paths(gateway));
        List<HttpMatchRequest> outer = MatchNarrowing.inFull(
                literals.canonical(route).match(), root.meta().namespace());
        for (int i = 0; i < target.http().size(); i++) {
            HttpRoute inner = literals.canonical(target.http().get(i));
            if (MatchNarrowing.narrow(
                            outer,
                            MatchNarrowing.inFull(inner.match(), target.meta().namespace()))
                    == null) {
                context.report(
                        ProblemCode.DELEGATE_OUTSIDE_MATCH,
                        inner.at(),
                        Fields.item("spec.http", i) + ".match",
                        target.meta() + " has a match that lies outside " + field.substring("spec.".length()) + " of "
                                + root.meta() + " (" + route.at() + "), which delegates to it: the route is left out",
                        "narrow the root's match with exact and prefix conditions");
            }
        }
    }
}
