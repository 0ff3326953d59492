package io.sallyport.outcome;

/// What became of a fetch of an issuer's keys.
public enum KeyFetchOutcome {
    FETCHED,
    /// No connection, or one that broke before the answer had ended.
    UNREACHABLE,
    TIMED_OUT,
    /// Its address is guarded.
    GUARDED,
    /// Another status than 2xx.
    REFUSED,
    /// The answer is no key set, or no document that says where one is.
    UNUSABLE
}
