package io.sallyport.cli;

import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Resource;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.Severity;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/// The figures below a list of problems.
///
/// @param files that have a resource or a problem
/// @param resources that could be read
record ValidationSummary(int errors, int warnings, int notes, int files, int resources) {

    static ValidationSummary of(Configuration configuration, List<Problem> problems) {
        List<Resource> resources = Stream.<Collection<? extends Resource>>of(
                        configuration.gateways(),
                        configuration.virtualServices(),
                        configuration.destinationRules(),
                        configuration.serviceEntries(),
                        configuration.unsupportedPolicies())
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
        return new ValidationSummary(
                count(problems, Severity.ERROR),
                count(problems, Severity.WARNING),
                count(problems, Severity.INFO),
                (int) files,
                resources.size());
    }

    private static int count(List<Problem> problems, Severity severity) {
        return (int) problems.stream()
                .filter(problem -> problem.severity() == severity)
                .count();
    }

    /// `3 errors, 1 warning in 4 files, 7 resources`.
    @Override
    public String toString() {
        String found = number(errors, "error") + ", " + number(warnings, "warning");
        String noted = notes == 0 ? "" : ", " + number(notes, "note");
        return found + noted + " in " + number(files, "file") + ", " + number(resources, "resource");
    }

    private static String number(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
