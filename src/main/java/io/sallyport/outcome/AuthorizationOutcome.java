package io.sallyport.outcome;

/// What became of a question to an external authorizer.
public enum AuthorizationOutcome {
    ALLOWED,
    DENIED,
    /// There was no answer, and so the request was denied.
    FAILED,
    /// There was no answer, and the request was allowed all the same.
    FAILED_OPEN
}
