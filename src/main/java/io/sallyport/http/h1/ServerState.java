package io.sallyport.http.h1;

/// Where a downstream connection stands.
enum ServerState {
    /// Between requests, or within a head.
    HEAD,
    BODY,
    /// The request is complete, its response is not.
    RESPONSE,
    /// The response is complete; what is left of the request's body is read past.
    DISCARD,
    /// Upgraded, or a tunnel.
    RAW,
    /// Input is worthless; a last response is being written.
    REFUSED,
    /// All is said; input is read past until the client closes, so that it gets to read the response.
    LINGER,
    CLOSED
}
