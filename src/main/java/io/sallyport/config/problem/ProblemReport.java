package io.sallyport.config.problem;

import io.sallyport.config.model.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Collects the problems of one reading, up to a bound: a hostile file must not cost more memory than it has.
public final class ProblemReport {
    /// Problems kept; the rest is counted.
    public static final int MAX_PROBLEMS = 1000;

    /// After these so much is missing from what was read that checks of it would mislead.
    private static final Set<ProblemCode> LOSSES =
            Set.of(ProblemCode.WRONG_TYPE, ProblemCode.NULL_ELEMENT, ProblemCode.UNKNOWN_VALUE);
    /// After these a value has its default, of which nothing more is to be said.
    private static final Set<ProblemCode> REPLACED =
            Set.of(ProblemCode.OUT_OF_RANGE, ProblemCode.BAD_DURATION, ProblemCode.BAD_BASE64);

    private final int room;
    /// Both are made for the first that goes into them: most files have no problems.
    private List<Problem> problems = List.of();

    private Set<String> replaced = Set.of();
    private int dropped;
    private long errors;
    private long losses;

    public ProblemReport() {
        this(MAX_PROBLEMS);
    }

    private ProblemReport(int room) {
        this.room = room;
    }

    /// A report for a part of what this one is for, with the room that is left here; see [#addAll].
    public ProblemReport forPart() {
        return new ProblemReport(room - problems.size());
    }

    /// Adds all that a part's report holds or has counted.
    public void addAll(ProblemReport part) {
        if (part.isEmpty()) {
            return;
        }
        part.problems.forEach(this::add);
        dropped += part.dropped;
        errors += part.errors - part.problems.stream().filter(Problem::isError).count();
    }

    public void add(Problem problem) {
        if (!replaced.isEmpty() && replaced.contains(place(problem))) {
            return;
        }
        errors += problem.isError() ? 1 : 0;
        if (LOSSES.contains(problem.code())) {
            losses++;
        }
        if (problems.size() < room) {
            if (problems.isEmpty()) {
                problems = new ArrayList<>();
            }
            problems.add(problem);
            if (REPLACED.contains(problem.code())) {
                if (replaced.isEmpty()) {
                    replaced = new HashSet<>();
                }
                replaced.add(place(problem));
            }
        } else {
            dropped++;
        }
    }

    private static String place(Problem problem) {
        return problem.at() + " " + problem.field();
    }

    public void add(ProblemCode code, Position at, String field, String message, @Nullable String hint) {
        add(Problem.of(code, at, field, message, hint));
    }

    public boolean isEmpty() {
        return problems.isEmpty() && dropped == 0;
    }

    /// Whether further problems are only counted: no use in working out a hint for them.
    public boolean isFull() {
        return problems.size() >= room;
    }

    /// Whether every problem is kept.
    public boolean isComplete() {
        return dropped == 0;
    }

    public boolean hasErrors() {
        return errors > 0;
    }

    /// How many errors there have been so far, those among them for which there was no room.
    public long errors() {
        return errors;
    }

    /// How many problems so far left something out of what was read.
    public long losses() {
        return losses;
    }

    /// All problems by place, and a last one that says how many there was no room for.
    public List<Problem> toList() {
        List<Problem> sorted = new ArrayList<>(problems);
        sorted.sort(Problem.BY_PLACE);
        if (dropped > 0) {
            Severity severity = errors > 0 ? Severity.ERROR : Severity.WARNING;
            Position at = sorted.getLast().at();
            sorted.add(new Problem(
                    severity,
                    ProblemCode.TOO_MANY_PROBLEMS,
                    Position.of(at.file()),
                    "",
                    dropped + " further problems are not listed",
                    "mend these and validate again"));
        }
        return List.copyOf(sorted);
    }
}
