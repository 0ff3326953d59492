package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import io.sallyport.config.problem.Severity;
import io.sallyport.config.yaml.Suggestion;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What every check is given: the configuration, the settings, and where to report.
final class AnalysisContext {
    /// How much of the work that grows with the square of the input one analysis may do: a hostile configuration must
    /// not hold up a reload. Beyond it hints and notes on reachability are left out, never errors.
    private static final int NAME_COMPARISONS = 200_000;

    private static final int MATCH_COMPARISONS = 5_000_000;

    private final ConfigurationIndex index;
    private final AnalysisOptions options;
    private final ProblemReport report = new ProblemReport();
    private int nameComparisons = NAME_COMPARISONS;
    private int matchComparisons = MATCH_COMPARISONS;
    private boolean refused;
    private int reported;
    private @Nullable KnownHosts knownHosts;

    AnalysisContext(ConfigurationIndex index, AnalysisOptions options) {
        this.index = index;
        this.options = options;
    }

    ConfigurationIndex index() {
        return index;
    }

    AnalysisOptions options() {
        return options;
    }

    KnownHosts knownHosts() {
        if (knownHosts == null) {
            knownHosts = new KnownHosts(this);
        }
        return knownHosts;
    }

    void report(ProblemCode code, Position at, String field, String message, @Nullable String hint) {
        add(Problem.of(code, at, field, message, hint));
    }

    /// An error of two resources, the later of which is at `at`.
    ///
    /// @param other where the earlier one is
    void conflict(ProblemCode code, Position at, String field, String message, String hint, Position other) {
        add(new Problem(code.severity(), code, at, field, message, hint, other));
    }

    void report(ProblemCode code, Severity severity, Position at, String field, String message, @Nullable String hint) {
        add(new Problem(severity, code, at, field, message, hint));
    }

    private void add(Problem problem) {
        reported++;
        report.add(problem);
    }

    /// How many problems there have been so far.
    int reported() {
        return reported;
    }

    /// Whether there is no room for more problems.
    boolean isFull() {
        return report.isFull();
    }

    List<Problem> problems() {
        return report.toList();
    }

    /// `did you mean "x"?` for a name near to an unknown one, else `otherwise`.
    @Nullable
    String didYouMean(String written, Collection<String> candidates, @Nullable String otherwise) {
        if (!mayCompareNames(candidates.size())) {
            return otherwise;
        }
        String hint = Suggestion.didYouMean(written, candidates);
        return hint != null ? hint : otherwise;
    }

    /// Whether a name may be compared with that many others.
    boolean mayCompareNames(int candidates) {
        if (candidates > nameComparisons) {
            return false;
        }
        nameComparisons -= candidates;
        return true;
    }

    /// Whether that much more may be spent on comparing matches; a pair of them costs 1.
    boolean mayCompareMatches(int cost) {
        if (cost > matchComparisons) {
            refused = true;
            return false;
        }
        matchComparisons -= cost;
        return true;
    }

    /// How much more may be spent on comparing matches.
    int matchComparisons() {
        return matchComparisons;
    }

    /// Whether some matches were not compared.
    boolean hasRefused() {
        return refused;
    }
}
