package io.sallyport.config.analysis;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.AnalysisProblem;
import java.util.ArrayList;
import java.util.List;

/// Matches on JWT claims where no token is ever checked (IST0149). A `withoutHeaders` on a claim would then match
/// everybody.
final class ClaimMatches implements Analyzer {
    private static final String CLAIMS = "@request.auth.claims";

    @Override
    public void analyze(AnalysisContext context) {
        for (VirtualService virtualService : context.index().configuration().virtualServices()) {
            for (int i = 0; i < virtualService.http().size(); i++) {
                HttpRoute route = virtualService.http().get(i);
                for (int j = 0; j < route.match().size(); j++) {
                    check(context, virtualService, route.match().get(j), Fields.match("spec.http", i, j));
                }
            }
        }
    }

    private static void check(
            AnalysisContext context, VirtualService virtualService, HttpMatchRequest match, String field) {
        List<String> names = new ArrayList<>(match.headers().keySet());
        names.addAll(match.withoutHeaders().keySet());
        for (String name : names) {
            if (name.startsWith(CLAIMS)) {
                context.report(
                        AnalysisProblem.CLAIM_WITHOUT_AUTHENTICATION,
                        match.at(),
                        field,
                        virtualService.meta() + " matches on \"" + name
                                + "\", but no RequestAuthentication makes claims available",
                        "take the condition out");
                return;
            }
        }
    }
}
