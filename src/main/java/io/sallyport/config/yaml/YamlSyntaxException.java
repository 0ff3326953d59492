package io.sallyport.config.yaml;

import io.sallyport.config.problem.ProblemCode;
import org.jspecify.annotations.Nullable;

/// Ends the reading of a document; never leaves this package.
final class YamlSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final transient ProblemCode code;
    /// Both from 0, relative to the text that was parsed.
    final int line;

    final int column;
    final String explanation;
    final transient @Nullable String hint;
    /// Whether the next document may be read.
    final boolean recoverable;

    YamlSyntaxException(
            ProblemCode code, int line, int column, String explanation, @Nullable String hint, boolean recoverable) {
        super(explanation, null, false, false);
        this.code = code;
        this.line = line;
        this.column = column;
        this.explanation = explanation;
        this.hint = hint;
        this.recoverable = recoverable;
    }

    static YamlSyntaxException broken(int line, int column, String explanation) {
        return new YamlSyntaxException(ProblemCode.BAD_YAML, line, column, explanation, null, true);
    }
}
