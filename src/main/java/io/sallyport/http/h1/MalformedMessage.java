package io.sallyport.http.h1;

import io.sallyport.http.StreamError;

/// The bytes are not a message to forward. Without a stack trace: it is an answer to a peer, and must stay cheap when
/// peers provoke it on purpose.
final class MalformedMessage extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    /// @param status what a client is answered; an endpoint's message only asks whether it is 431
    /// @param details in snake_case, never from a peer's bytes
    MalformedMessage(int status, String details) {
        super(details, null, false, false);
        this.status = status;
    }

    static MalformedMessage badRequest(String details) {
        return new MalformedMessage(400, details);
    }

    int status() {
        return status;
    }

    String details() {
        return String.valueOf(getMessage());
    }

    /// What a listener is notified of if a request is answered with this status.
    static StreamError errorOf(int status) {
        return switch (status) {
            case 408 -> StreamError.TIMEOUT;
            case 413 -> StreamError.BODY_TOO_LARGE;
            case 431 -> StreamError.HEAD_TOO_LARGE;
            default -> StreamError.PROTOCOL_ERROR;
        };
    }
}
