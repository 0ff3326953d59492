package io.sallyport.runtime;

import java.util.List;

/// The gateway cannot start with its first configuration; says every reason at once.
public final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    /// @param problems a line each, ready to print
    public StartException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
