package io.sallyport.outcome;

/// What became of the copy of a request.
public enum MirrorOutcome {
    /// It was answered, whatever the status.
    ANSWERED,
    /// It was not: no endpoint, no connection, a reset, no answer in time.
    FAILED,
    /// It was given up: it could not keep up with the request, or the request itself was cut.
    CUT,
    /// It was not begun: too many copies were under way.
    DROPPED
}
