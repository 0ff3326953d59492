package io.sallyport.config.analysis;

import io.sallyport.config.index.VirtualServiceTrait;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Action;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import java.util.List;

/// Rules and routes that ask for tokens where nothing verifies any, and policies that let nobody through without a
/// token, preflights among them.
final class PolicyTokens implements Analyzer {
    private static final String KEY = "request.auth.";

    @Override
    public void analyze(AnalysisContext context) {
        if (context.index().policies().tokens().isEmpty()) {
            reportUnverified(context);
        }
        reportPreflights(context);
    }

    private static void reportUnverified(AnalysisContext context) {
        for (AuthorizationPolicy policy : context.index().policies().all()) {
            for (int i = 0; i < policy.rules().size(); i++) {
                Rule rule = policy.rules().get(i);
                if (wantsToken(rule)) {
                    context.report(
                            ProblemCode.TOKEN_NEVER_KNOWN,
                            rule.at(),
                            Fields.item("spec.rules", i),
                            "the rule is about tokens, and no RequestAuthentication verifies any, so that it never"
                                    + " applies",
                            "add a RequestAuthentication with the issuer of the tokens");
                }
            }
        }
        for (VirtualService service : context.index().virtualServices().those(VirtualServiceTrait.READING_CLAIMS)) {
            for (int i = 0; i < service.http().size(); i++) {
                HttpRoute route = service.http().get(i);
                for (int j = 0; j < route.match().size(); j++) {
                    if (VirtualServiceTrait.readsClaims(route.match().get(j))) {
                        context.report(
                                ProblemCode.TOKEN_NEVER_KNOWN,
                                route.match().get(j).at(),
                                Fields.match("spec.http", i, j),
                                "the route is chosen by claims, and no RequestAuthentication verifies a token",
                                "add a RequestAuthentication with the issuer of the tokens");
                    }
                }
            }
        }
    }

    /// A browser sends no token with the request by which it asks whether it may send the other one (Fetch, 3.2.5).
    private static void reportPreflights(AnalysisContext context) {
        List<AuthorizationPolicy> allowing = context.index().policies().all().stream()
                .filter(policy -> policy.action() == Action.ALLOW
                        && !policy.isDryRun()
                        && context.index().policies().selectsInstance(policy))
                .toList();
        boolean wanted = !allowing.isEmpty()
                && allowing.stream().flatMap(policy -> policy.rules().stream()).allMatch(PolicyTokens::wantsToken);
        if (!wanted) {
            return;
        }
        for (VirtualService service : context.index().configuration().virtualServices()) {
            for (int i = 0; i < service.http().size(); i++) {
                HttpRoute route = service.http().get(i);
                if (route.corsPolicy() != null) {
                    context.report(
                            ProblemCode.PREFLIGHT_WITHOUT_TOKEN,
                            route.at(),
                            Fields.item("spec.http", i) + ".corsPolicy",
                            allowing.getFirst().meta() + " ("
                                    + allowing.getFirst().meta().at()
                                    + ") allows nothing without a token, and preflights have none: they get 403",
                            "add a rule with to.operation.methods [OPTIONS]");
                }
            }
        }
    }

    private static boolean wantsToken(Rule rule) {
        return rule.wants(
                source -> !source.requestPrincipals().any().isEmpty(),
                condition -> condition.key().startsWith(KEY));
    }
}
