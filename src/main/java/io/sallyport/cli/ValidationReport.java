package io.sallyport.cli;

import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Resource;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.Severity;
import io.sallyport.runtime.ProblemReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The problems of a configuration, and the figures below them.
///
/// @param files that have a resource or a problem
/// @param resources that could be read
/// @param consequences of the errors
record ValidationReport(
        List<Problem> problems,
        int errors,
        int warnings,
        int notes,
        int files,
        int resources,
        Consequences consequences) {

    static ValidationReport of(Configuration configuration, List<Problem> problems, Consequences consequences) {
        List<Resource> resources = Stream.<Collection<? extends Resource>>of(
                        configuration.gateways(),
                        configuration.virtualServices(),
                        configuration.destinationRules(),
                        configuration.serviceEntries(),
                        configuration.authorizationPolicies(),
                        configuration.peerAuthentications(),
                        configuration.requestAuthentications())
                .<Resource>flatMap(Collection::stream)
                .toList();
        // A problem without a line may be of the directory.
        long files = Stream.concat(
                        resources.stream().map(resource -> resource.meta().at().file()),
                        problems.stream()
                                .filter(problem -> problem.at().line() > 0)
                                .map(problem -> problem.at().file()))
                .distinct()
                .count();
        return new ValidationReport(
                problems,
                count(problems, Severity.ERROR),
                count(problems, Severity.WARNING),
                count(problems, Severity.INFO),
                (int) files,
                resources.size(),
                consequences);
    }

    private static int count(List<Problem> problems, Severity severity) {
        return (int) problems.stream()
                .filter(problem -> problem.severity() == severity)
                .count();
    }

    /// For people, and for editors that understand `file:line:column:`.
    void print(PrintWriter out) {
        for (Problem problem : problems) {
            String field = problem.field().isEmpty() ? "" : " " + Problem.shown(problem.field());
            String severity = problem.severity().name().toLowerCase(Locale.ROOT);
            out.println(problem.at() + ": " + severity + " " + problem.code().id() + field + ": "
                    + Problem.shown(problem.message()));
            if (problem.hint() != null) {
                out.println("    hint: " + Problem.shown(problem.hint()));
            }
            String then = consequences.of(problem);
            if (then != null) {
                out.println("    then: " + then);
            }
        }
        out.println(summary());
    }

    /// `3 errors, 1 warning in 4 files, 7 resources`.
    private String summary() {
        String found = number(errors, "error") + ", " + number(warnings, "warning");
        String noted = notes == 0 ? "" : ", " + number(notes, "note");
        return found + noted + " in " + number(files, "file") + ", " + number(resources, "resource");
    }

    private static String number(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /// For programs.
    JsonObject json() {
        JsonArray rows = ProblemReport.json(problems);
        for (int i = 0; i < problems.size(); i++) {
            rows.getJsonObject(i).put("then", consequences.of(problems.get(i)));
        }
        return new JsonObject()
                .put("problems", rows)
                .put("errors", errors)
                .put("warnings", warnings)
                .put("notes", notes)
                .put("files", files)
                .put("resources", resources);
    }
}
