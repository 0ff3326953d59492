package io.sallyport.cli;

import io.sallyport.config.problem.Problem;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/// Problems for people and for editors that understand `file:line:column:`.
final class ProblemText {
    private ProblemText() {}

    static void print(List<Problem> problems, ValidationSummary summary, PrintWriter out) {
        for (Problem problem : problems) {
            String field = problem.field().isEmpty() ? "" : " " + problem.field();
            String severity = problem.severity().name().toLowerCase(Locale.ROOT);
            out.println(problem.at() + ": " + severity + " " + problem.code().id() + field + ": " + problem.message());
            if (problem.hint() != null) {
                out.println("    hint: " + problem.hint());
            }
        }
        out.println(summary);
    }
}
