package io.sallyport.config.problem;

/// Whether a configuration may be served in spite of a problem.
public enum Severity {
    /// The generation is refused.
    ERROR,
    /// The generation is served; its author should know.
    WARNING,
    /// Worth saying, nothing to mend.
    INFO
}
