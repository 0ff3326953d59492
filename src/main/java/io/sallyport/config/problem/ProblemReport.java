package io.sallyport.config.problem;

import io.sallyport.config.model.Position;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects the problems of one reading, up to a bound: a hostile file must not cost more memory than it has.
public final class ProblemReport {
    /// Problems kept; the rest is counted.
    public static final int MAX_PROBLEMS = 1000;

    private final List<Problem> problems = new ArrayList<>();
    private int dropped;
    private boolean errors;
    private long structuralErrors;

    public void add(Problem problem) {
        errors |= problem.isError();
        if (problem.code() == ShapeProblem.WRONG_TYPE || problem.code() == ShapeProblem.NULL_ELEMENT) {
            structuralErrors++;
        }
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(problem);
        } else {
            dropped++;
        }
    }

    public void add(ProblemCode code, Position at, String field, String message, @Nullable String hint) {
        add(Problem.of(code, at, field, message, hint));
    }

    /// Whether further problems are only counted: no use in working out a hint for them.
    public boolean isFull() {
        return problems.size() >= MAX_PROBLEMS;
    }

    public boolean hasErrors() {
        return errors;
    }

    /// How many problems so far left something out of what was read.
    public long structuralErrors() {
        return structuralErrors;
    }

    /// All problems by place, and a last one that says how many there was no room for.
    public List<Problem> toList() {
        List<Problem> sorted = new ArrayList<>(problems);
        sorted.sort(Problem.BY_PLACE);
        if (dropped > 0) {
            Severity severity = errors ? Severity.ERROR : Severity.WARNING;
            Position at = sorted.getLast().at();
            sorted.add(new Problem(
                    severity,
                    ShapeProblem.TOO_MANY_PROBLEMS,
                    Position.of(at.file()),
                    "",
                    dropped + " further problems are not listed",
                    "mend these and validate again"));
        }
        return List.copyOf(sorted);
    }
}
