package io.sallyport.config.problem;

/// Whether a configuration may be served in spite of a problem.
public enum Severity {
    /// The resource is not served as it is, or the configuration not at all.
    ERROR,
    /// The generation is served; its author should know.
    WARNING,
    /// Worth saying, nothing to mend.
    INFO
}
