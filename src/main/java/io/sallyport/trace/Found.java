package io.sallyport.trace;

/// What a request's headers say of its trace.
enum Found {
    /// Nothing that could be used: the trace begins here.
    NOTHING,
    /// Whether it is sampled, but not which trace it is.
    DECISION,
    /// Which trace it is, but not whether it is sampled.
    CONTEXT,
    /// Both.
    DECIDED_CONTEXT;

    boolean hasIds() {
        return this == CONTEXT || this == DECIDED_CONTEXT;
    }

    boolean isDecided() {
        return this == DECISION || this == DECIDED_CONTEXT;
    }
}
