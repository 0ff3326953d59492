package io.sallyport.config.analysis;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.PathLiterals;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Literals for paths that are not in the form in which requests' paths are compared.
final class PathMatches implements Analyzer, VirtualServiceCheck {
    @Override
    public void analyze(AnalysisContext context) {
        for (AuthorizationPolicy policy : context.index().policies().all()) {
            for (int i = 0; i < policy.rules().size(); i++) {
                List<Operation> operations = policy.rules().get(i).to();
                for (int j = 0; j < operations.size(); j++) {
                    Operation operation = operations.get(j);
                    String field = Fields.item(Fields.item("spec.rules", i) + ".to", j) + ".operation.";
                    check(context, operation.at(), operation.paths().any(), field + "paths");
                    check(context, operation.at(), operation.paths().none(), field + "notPaths");
                }
            }
        }
    }

    @Override
    public void check(AnalysisContext context, VirtualService virtualService) {
        PathLiterals literals = literals(context.options(), virtualService);
        for (int i = 0; i < virtualService.http().size(); i++) {
            List<HttpMatchRequest> matches = virtualService.http().get(i).match();
            for (int j = 0; j < matches.size(); j++) {
                check(context, literals, matches.get(j), Fields.match("spec.http", i, j));
            }
        }
    }

    /// A delegate has the gateways of those that delegate to it: most likely not the mesh listener.
    private static PathLiterals literals(AnalysisOptions options, VirtualService virtualService) {
        boolean onlyMesh = !VirtualServiceIndex.isDelegate(virtualService)
                && VirtualServiceIndex.gatewaysOf(virtualService).stream().allMatch(GatewayReference.MESH::equals);
        return onlyMesh ? options.meshPaths() : options.gatewayPaths();
    }

    private static void check(AnalysisContext context, PathLiterals literals, HttpMatchRequest match, String field) {
        check(context, literals, match, match.uri(), field + ".uri");
        check(context, literals, match, path(match.headers().get(":path")), field + ".headers");
        check(context, literals, match, path(match.withoutHeaders().get(":path")), field + ".withoutHeaders");
    }

    /// Of a literal for `:path` the part before the query, which is not looked at.
    private static @Nullable StringMatch path(@Nullable StringMatch target) {
        return switch (target) {
            case StringMatch.Exact(String text)
            when text.indexOf('?') >= 0 -> new StringMatch.Exact(text.substring(0, text.indexOf('?')));
            case StringMatch.Prefix(String text)
            when text.indexOf('?') >= 0 -> new StringMatch.Exact(text.substring(0, text.indexOf('?')));
            case null, default -> target;
        };
    }

    /// The paths of a policy, but those that begin with a wildcard or have templates.
    private static void check(AnalysisContext context, Position at, List<String> paths, String field) {
        PathLiterals literals = context.options().gatewayPaths();
        for (int i = 0; i < paths.size(); i++) {
            String path = paths.get(i);
            if (path.isEmpty() || path.startsWith("*") || path.contains("{")) {
                continue;
            }
            if (path.endsWith("*")) {
                String prefix = path.substring(0, path.length() - 1);
                report(context, at, Fields.item(field, i), prefix, literals.prefix(prefix));
            } else {
                report(context, at, Fields.item(field, i), path, literals.exact(path));
            }
        }
    }

    private static void check(
            AnalysisContext context,
            PathLiterals literals,
            HttpMatchRequest match,
            @Nullable StringMatch path,
            String field) {
        switch (path) {
            case StringMatch.Exact(String text) -> report(context, match.at(), field, text, literals.exact(text));
            case StringMatch.Prefix(String text) -> report(context, match.at(), field, text, literals.prefix(text));
            case null, default -> {}
        }
    }

    private static void report(
            AnalysisContext context, Position at, String field, String written, @Nullable String canonical) {
        if (canonical == null) {
            context.report(
                    ProblemCode.IMPOSSIBLE_PATH,
                    at,
                    field,
                    "no request has a path like " + Quote.of(written) + ": it does not begin with /, has a query, or is"
                            + " of a form that is answered with 400",
                    "a path is matched without its query; queryParams matches that");
        } else if (!canonical.equals(written)) {
            context.report(
                    ProblemCode.PATH_NOT_CANONICAL,
                    at,
                    field,
                    Quote.of(written) + " is matched as " + Quote.of(canonical) + ", the form that requests' paths get"
                            + " before they are compared",
                    "write " + Quote.of(canonical));
        }
    }
}
