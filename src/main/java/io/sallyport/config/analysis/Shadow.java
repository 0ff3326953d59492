package io.sallyport.config.analysis;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import java.util.ArrayList;
import java.util.List;

/// What is left of one route: each of its matches either is reached or lies behind one that comes earlier.
final class Shadow {
    private record Covered(String field, Position at, String by, Position byAt) {}

    private final AnalysisContext context;
    private final String field;
    private final Position at;
    private final int route;
    private final List<Covered> covered = new ArrayList<>(1);
    private boolean isReached;

    /// @param route index of the route
    Shadow(AnalysisContext context, String field, Position at, int route) {
        this.context = context;
        this.field = field;
        this.at = at;
        this.route = route;
    }

    void reached() {
        isReached = true;
    }

    /// @param byRoute index of the route whose match comes first
    void covered(String field, Position at, int byRoute, String by, Position byAt) {
        covered.add(new Covered(field, at, by, byAt));
        // A match behind another one of its own route does no harm to the route.
        isReached |= byRoute == route;
    }

    void report() {
        if (covered.isEmpty()) {
            return;
        }
        if (!isReached) {
            Covered first = covered.getFirst();
            context.report(
                    ProblemCode.UNREACHABLE_ROUTE,
                    at,
                    field,
                    "this route is never reached: " + name(first) + " takes all of its requests first",
                    "put the more specific route first, or delete this one");
            return;
        }
        for (Covered match : covered) {
            context.report(
                    ProblemCode.INEFFECTIVE_MATCH,
                    match.at(),
                    match.field(),
                    "this match has no effect: " + name(match) + " takes all of its requests first",
                    "delete it, or put it first");
        }
    }

    private static String name(Covered covered) {
        return covered.by().substring("spec.".length()) + " (" + covered.byAt() + ")";
    }
}
