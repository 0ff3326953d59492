package io.sallyport.route;

/// What a retry makes of the endpoints that have failed the request (`HTTPRetry.retryIgnorePreviousHosts`).
public enum TriedHosts {
    AVOIDED,
    /// Where the field is absent: with consistentHash the requests with one key stay with their endpoint.
    AVOIDED_UNLESS_HASHED,
    ALLOWED
}
