package io.sallyport.config.problem;

import io.sallyport.config.model.Position;
import io.sallyport.config.model.ShownText;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One thing that is wrong, and where.
///
/// @param field path in Istio's spelling from the resource's root, such as `spec.http[0].match[1].uri`; `""` for none
/// @param message what is wrong, in one sentence without the place
/// @param hint how to mend it
/// @param other where the other resource is, of two that do not fit together; else null
public record Problem(
        Severity severity,
        ProblemCode code,
        Position at,
        String field,
        String message,
        @Nullable String hint,
        @Nullable Position other) {

    private static final int MAX_SHOWN = 2000;

    /// Of one resource.
    public Problem(
            Severity severity, ProblemCode code, Position at, String field, String message, @Nullable String hint) {
        this(severity, code, at, field, message, hint, null);
    }

    /// By place, errors before warnings at the same one.
    public static final Comparator<Problem> BY_PLACE = Comparator.comparing(Problem::at)
            .thenComparing(Problem::severity)
            .thenComparing(problem -> problem.code().id())
            .thenComparing(Problem::field)
            .thenComparing(Problem::message);

    /// With the code's own severity.
    public static Problem of(ProblemCode code, Position at, String field, String message) {
        return new Problem(code.severity(), code, at, field, message, null);
    }

    /// With the code's own severity.
    public static Problem of(ProblemCode code, Position at, String field, String message, @Nullable String hint) {
        return new Problem(code.severity(), code, at, field, message, hint);
    }

    /// The same, at another place.
    public Problem moved(Position place, String fieldThere) {
        return new Problem(severity, code, place, fieldThere, message, hint, other);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /// On one line: `file:line:column: error SAL1101 spec.http[0].math: unknown field (did you mean "match"?)`.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(128);
        text.append(at).append(": ").append(severity.name().toLowerCase(Locale.ROOT));
        text.append(' ').append(code.id()).append(' ');
        if (!field.isEmpty()) {
            text.append(shown(field)).append(": ");
        }
        text.append(shown(message));
        if (hint != null) {
            text.append(" (").append(shown(hint)).append(')');
        }
        return text.toString();
    }

    /// A part of it, on one line and never very long: keys of the configuration are in fields, and names in messages.
    public static String shown(String part) {
        return ShownText.of(part, MAX_SHOWN);
    }
}
